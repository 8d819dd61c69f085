/** What the inspectors of a chat are shown, change by change. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Following } from "../../../src/client/chat/following";
import { emptyConversation, newTurn } from "../../../src/client/chat/newConversation";
import type { Look } from "../../../src/client/inspector/followed";
import type { ChatChange, ConversationChange } from "../../../src/shared/chat/chatChange";
import type { Turn } from "../../../src/shared/chat/chatState";

const question = { text: "How many?", attachments: [] };
const vote = { answer: "4", agree: 2, of: 3, chains: [1, 2] };

/** Of a chat with these turns; none has a trace until `write` gives it one. */
function chatOf(...turns: Turn[]) {
  const bytes = new Map<string, number>();
  const seen: Look[] = [];
  const following = new Following(
    { turnOf: (answer) => turns.find((turn) => turn.answer.id === answer) },
    { fileOf: (answer) => answer, sizeOf: (answer) => Promise.resolve(bytes.get(answer)) },
  );
  following.followers.add({ show: (look) => seen.push(look) });
  return {
    following,
    shown: () => seen.map(({ traces, chain }) => [...traces.map(({ id }) => id), chain]),
    write: ({ answer }: Turn) => bytes.set(answer.id, 100),
    /** Settles when all that follows from the change has. */
    take: async (change: ChatChange) => {
      following.take(change);
      await new Promise(setImmediate);
    },
  };
}

const inOpen = (change: ConversationChange): ChatChange => ({ kind: "conversation", change });
const begun = (turn: Turn): ChatChange => inOpen({ kind: "turn", index: 0, turn });
const goesOn = ({ answer }: Turn): ChatChange =>
  inOpen({ kind: "answer", answer: answer.id, change: { kind: "phase", phase: "prefill" } });
const opened = (...turns: Turn[]): ChatChange => {
  return { kind: "opened", conversation: { ...emptyConversation(), turns } };
};

test("a run that begins is shown once its trace has a beginning, and once only", async () => {
  const turn = newTurn(question, "model");
  const { take, write, shown } = chatOf(turn);
  await take(begun(turn));
  await take(goesOn(turn));
  assert.deepEqual(shown(), []);
  write(turn);
  await take(goesOn(turn));
  await take(goesOn(turn));
  assert.deepEqual(shown(), [[turn.answer.id, 0]]);
});

test("a look at an older answer meanwhile does not keep the new run away", async () => {
  const [old, turn] = [newTurn(question, "model"), newTurn(question, "model")];
  const { following, take, write, shown } = chatOf(old, turn);
  write(old);
  await take(begun(turn));
  await following.select(old.answer.id);
  write(turn);
  await take(goesOn(turn));
  assert.deepEqual(
    shown().map(([id]) => id),
    [old.answer.id, turn.answer.id],
  );
});

test("a conversation that is opened shows its last answer that has a trace", async () => {
  const [old, traceless] = [newTurn(question, "model"), newTurn(question, "model")];
  traceless.answer.hasTrace = false;
  const { take, write, shown } = chatOf(old, traceless);
  write(old);
  await take(opened(old, traceless));
  assert.deepEqual(shown(), [[old.answer.id, 0]]);
});

test("an answer is shown at the chain whose text the chat shows, or at the one that is asked for", () => {
  const turn = newTurn(question, "model");
  turn.answer.vote = vote;
  const { following, shown } = chatOf(turn);
  following.show(following.lookAt(turn.answer.id));
  following.show(following.lookAt(turn.answer.id, 2));
  assert.deepEqual(
    shown().map(([, chain]) => chain),
    [1, 2],
  );
});

test("a click on the answer that is shown leaves chain and comparison, and one without a trace changes nothing", async () => {
  const [turn, traceless] = [newTurn(question, "model"), newTurn(question, "model")];
  const { following, write, shown } = chatOf(turn, traceless);
  write(turn);
  following.show(following.lookAt(turn.answer.id, 2));
  await following.select(turn.answer.id);
  await following.select(traceless.answer.id);
  assert.deepEqual(shown(), [[turn.answer.id, 2]]);
});

test("what is no longer stored cannot be shown again", async () => {
  const [turn, gone] = [newTurn(question, "model"), newTurn(question, "model")];
  const { following, write } = chatOf(turn, gone);
  write(turn);
  const look = await following.stored([turn.answer.id], 1);
  assert.deepEqual([look?.traces[0]?.name, look?.chain], ["How many?", 1]);
  assert.equal(await following.stored([turn.answer.id, gone.answer.id], 0), undefined);
});

test("a trace is live as long as its answer is being written", () => {
  const turn = newTurn(question, "model");
  const { following } = chatOf(turn);
  const { isLive } = following.traceOf(turn.answer.id);
  assert.equal(isLive(), true);
  turn.answer.phase = "done";
  assert.equal(isLive(), false);
});
