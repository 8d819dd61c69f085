import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type Chat, createChat } from "../../../src/client/chat/createChat";
import { ConversationStore } from "../../../src/client/chat/conversationStore";
import { runAgain } from "../../../src/client/chat/runAgain";
import { newTurn } from "../../../src/client/chat/newConversation";
import {
  type Answer,
  type Conversation,
  isRunning,
  type Turn,
} from "../../../src/shared/chat/chatState";
import { messagesOf } from "../../../src/shared/chat/messages";
import {
  defaultCacheChoice,
  defaultSamplingSettings,
  formatBudget,
} from "../../../src/shared/settings/settings";
import { bundle } from "../../support/bundle";
import { until } from "../../support/within";
import { unusedSurroundings } from "../../support/unusedSurroundings";

const engineScript = bundle("test/support/fakeEngine.ts");
const goodModel = { folder: "/models/good", name: "good", device: "cpu" as const };
const chats: Chat[] = [];
after(() => {
  for (const chat of chats) chat.dispose();
  for (const { session } of chats) assert.deepEqual(session.state.notices, []);
});

async function openChat(
  folder?: string,
  model = "/models/good",
): Promise<{ chat: Chat; storage: string }> {
  const storage = folder ?? (await mkdtemp(path.join(os.tmpdir(), "rkv-lens-test-")));
  const chat = createChat({
    engineScript,
    storage,
    abilities: { editor: false, pickers: false },
    surroundings: {
      ...unusedSurroundings,
      rememberCache: () => Promise.resolve(),
      rememberChains: () => Promise.resolve(),
    },
    cache: defaultCacheChoice,
    chains: 1,
    choice: () => ({
      model: { folder: model, name: path.basename(model), device: "cpu" },
      sampling: { topP: 0.5, seed: 5 },
      maxTokens: 100,
    }),
    idleMillis: () => 0,
    tracesKept: () => 1,
    log: () => undefined,
  });
  chats.push(chat);
  await chat.session.restore();
  return { chat, storage };
}

function lastAnswer({ session }: Chat): Answer {
  const answer = session.state.conversation.turns.at(-1)?.answer;
  assert.ok(answer);
  return answer;
}

async function answerTo(chat: Chat, question: string): Promise<Answer> {
  chat.session.send(question);
  await until(() => !chat.session.isRunning);
  return lastAnswer(chat);
}

test("a question gets its thinking, its answer and its figures, and is there after a restart", async () => {
  const { chat, storage } = await openChat();
  const answer = await answerTo(chat, "one two three four");
  assert.equal(answer.phase, "done");
  assert.equal(answer.thinking, "one two ");
  assert.equal(answer.text, "three four ");
  assert.equal(answer.end?.tokens, 4);
  const again = await openChat(storage);
  assert.deepEqual(lastAnswer(again.chat), JSON.parse(JSON.stringify(answer)));
});

test("a dead engine costs no word, and the next question is answered", async () => {
  const { chat } = await openChat();
  const answer = await answerTo(chat, "one two crash never");
  assert.equal(answer.phase, "interrupted");
  assert.equal(answer.thinking, "one two ");
  assert.match(answer.error ?? "", /SIGSEGV/);
  assert.equal((await answerTo(chat, "and then")).phase, "done");
});

test("stop ends the answer with what it has, and says so", async () => {
  const { chat } = await openChat();
  chat.session.send("slow ".repeat(50).trim());
  await until(() => lastAnswer(chat).thinking !== "");
  assert.throws(() => chat.session.send("me too"), /still being written/);
  await chat.session.stop();
  await until(() => !chat.session.isRunning);
  assert.equal(lastAnswer(chat).phase, "stopped");
});

test("a budget set in the middle of a run holds at once", async () => {
  const { chat } = await openChat();
  chat.session.send("slow ".repeat(200).trim());
  await until(() => (lastAnswer(chat).figures?.position ?? 0) >= 5);
  await chat.session.configure({ budget: { kind: "count", slots: 2 } });
  await until(() => lastAnswer(chat).figures?.retained === 2);
  assert.ok(isRunning(lastAnswer(chat)));
  await chat.session.stop();
});

test("a model's suggested budget holds until the person chooses one, and then their choice does", async () => {
  const { chat } = await openChat(undefined, "/models/suggests-half");
  const budget = (): string => formatBudget(chat.session.state.cache.budget);
  assert.equal(budget(), "1024");
  await answerTo(chat, "one two");
  assert.equal(budget(), "50%");
  await chat.session.configure({ pinPrompt: true });
  assert.equal(chat.session.cacheChoice.budget, undefined, "not the person's choice");
  await chat.host.choose("budget", "64");
  await chat.supervisor.unload();
  await answerTo(chat, "three four");
  assert.equal(budget(), "64");
  await chat.session.configure({ budget: undefined });
  assert.equal(budget(), "50%");
});

test("a model's suggested budget is shown before the model is loaded", async () => {
  const model = await mkdtemp(path.join(os.tmpdir(), "rkv-lens-test-"));
  await writeFile(path.join(model, "rkv-lens.json"), JSON.stringify({ budget: "34%" }));
  const { chat } = await openChat(undefined, model);
  assert.equal(formatBudget(chat.session.state.cache.budget), "34%");
  assert.equal(chat.session.state.engine.kind, "idle");
});

test("the prompt has neither an earlier question without an answer nor the last one's own answer", () => {
  const turn = (question: string, text: string): Turn => {
    const made = newTurn({ text: question, attachments: [] }, "a model");
    return { ...made, answer: { ...made.answer, text } };
  };
  for (const answered of ["", "the answer that is to be given anew"])
    assert.deepEqual(
      messagesOf([turn("first", "yes"), turn("stopped", ""), turn("last", answered)]),
      [
        { role: "user", content: "first" },
        { role: "assistant", content: "yes" },
        { role: "user", content: "last" },
      ],
    );
});

test("the list says which conversation is being answered", async () => {
  const { chat } = await openChat();
  const marks = () => chat.session.state.conversations.map(({ isRunning }) => isRunning ?? false);
  chat.session.send("slow ".repeat(50).trim());
  await until(() => marks()[0]);
  await chat.session.stop();
  assert.deepEqual(marks(), [false]);
});

test("a question is run again under other settings without a trace of it in the chat", async () => {
  const { chat } = await openChat();
  await answerTo(chat, "one two three four");
  const { turns } = chat.session.state.conversation;
  const choice = { model: goodModel, sampling: {}, maxTokens: 100 };
  const cache = { ...chat.session.state.cache, budget: { kind: "count" as const, slots: 2 } };
  const positions: number[] = [];
  const onTokens = (tokens: number) => void positions.push(tokens);
  const signal = new AbortController().signal;
  const run = await runAgain(chat, { choice, turns, cache, signal, onTokens });
  assert.equal(path.basename(chat.traces.fileOf(run)), `${run}.rkvtrace`);
  assert.deepEqual(positions.slice(0, 3), [1, 2, 3]);
  assert.equal(chat.session.state.conversation.turns.length, 1);

  const stopping = new AbortController();
  const stopped = { choice, turns, cache, signal: stopping.signal, onTokens };
  const again = runAgain(chat, { ...stopped, onTokens: () => stopping.abort() });
  await assert.rejects(again, { name: "AbortError" });
});

test("an answer to a question that the model was not made for comes with a hint", async () => {
  const { chat } = await openChat(undefined, "/models/word-problems");
  const told = "Ned has 3 cards. Ava has 2 fewer than Ned. Hal has twice as many as Ava.";
  const inside = await answerTo(chat, `${told} How many cards does Hal have?`);
  assert.equal(inside.end?.hint, undefined);
  const outside = await answerTo(chat, "What is the capital of France?");
  assert.match(outside.end?.hint ?? "", /^This model was made for word problems such as /);
  const { engine } = chat.session.state;
  assert.match(engine.kind === "ready" ? (engine.scope ?? "") : "", /^Made for one kind of /);
});

test("of a general model nothing is said about what it was made for", async () => {
  const { chat } = await openChat();
  const answer = await answerTo(chat, "What is the capital of France?");
  assert.equal(answer.end?.hint, undefined);
  const { engine } = chat.session.state;
  assert.ok(engine.kind === "ready" && engine.scope === undefined);
});

test("where the person chose nothing, sampling is as the model suggests, else the default", async () => {
  const { chat } = await openChat(undefined, "/models/suggests-greedy");
  const { text } = await answerTo(chat, "your sampling");
  const suggested = { ...defaultSamplingSettings, temperature: 0, topK: 7, seed: 5 };
  assert.deepEqual(JSON.parse(text), { ...suggested, topP: 0.5 });
});

test("regenerating or editing a question forgets what came after it", async () => {
  const { chat } = await openChat();
  await answerTo(chat, "first question");
  await answerTo(chat, "second question");
  const [first] = chat.session.state.conversation.turns;
  assert.ok(first);
  chat.session.editAndResend(first.id, "another one");
  await until(() => !chat.session.isRunning);
  const { turns } = chat.session.state.conversation;
  assert.deepEqual(
    turns.map(({ question }) => question.text),
    ["another one"],
  );
});

test("an answer goes on in its own conversation while another one is open", async () => {
  const { chat } = await openChat();
  chat.session.send("slow ".repeat(10).trim());
  const { id } = chat.session.state.conversation;
  chat.session.openNew();
  await until(() => !chat.session.isRunning);
  await chat.session.open(id);
  assert.equal(lastAnswer(chat).end?.tokens, 10);
});

test("what was being written when the window closed is kept and marked", async () => {
  const { chat, storage } = await openChat();
  chat.session.send("slow ".repeat(30).trim());
  await until(() => lastAnswer(chat).thinking !== "");
  const { conversation } = chat.session.state;
  const store = new ConversationStore(path.join(storage, "conversations"), assert.fail);
  await store.save(conversation);
  const found: Conversation | undefined = await store.read(conversation.id);
  assert.ok(found);
  const answer = found.turns[0]?.answer;
  assert.ok(answer && !isRunning(answer));
  assert.equal(answer.thinking, conversation.turns[0]?.answer.thinking);
  await chat.session.stop();
});

test("search finds words of questions and answers", async () => {
  const { chat, storage } = await openChat();
  await answerTo(chat, "how many apples has Ava");
  const store = new ConversationStore(path.join(storage, "conversations"), assert.fail);
  assert.equal((await store.search("APPLES"))[0]?.excerpt, "how many apples has Ava");
  assert.deepEqual(await store.search("pears"), []);
});

test("a question in a second conversation waits for the first one's answer, and says so", async () => {
  const { chat } = await openChat();
  chat.session.send("slow ".repeat(10).trim());
  const first = chat.session.state.conversation.id;
  await until(() => lastAnswer(chat).thinking !== "");
  chat.session.openNew();
  chat.session.send("one two");
  assert.equal(lastAnswer(chat).phase, "waiting");
  await until(() => lastAnswer(chat).phase === "done");
  assert.equal(lastAnswer(chat).text, "two ");
  const { turns } = await chat.session.conversation(first);
  assert.equal(turns[0]?.answer.end?.tokens, 10);
});

test("stopping an answer that waits leaves the one before it alone", async () => {
  const { chat } = await openChat();
  chat.session.send("slow ".repeat(10).trim());
  const first = chat.session.state.conversation.id;
  chat.session.openNew();
  chat.session.send("one two");
  await chat.session.stop();
  assert.equal(lastAnswer(chat).phase, "stopped");
  await chat.session.open(first);
  assert.ok(isRunning(lastAnswer(chat)));
  await until(() => !chat.session.isRunning);
  assert.equal(lastAnswer(chat).end?.tokens, 10);
});

test("a deleted conversation takes its traces along, and what it was still writing", async () => {
  const { chat, storage } = await openChat();
  chat.session.send("slow ".repeat(50).trim());
  const { conversation } = chat.session.state;
  await until(() => lastAnswer(chat).thinking !== "");
  const trace = path.join(storage, "traces", `${lastAnswer(chat).id}.rkvtrace`);
  await writeFile(trace, "what the model was told");
  await chat.session.delete(conversation.id);
  assert.equal(chat.session.isRunning, false);
  assert.equal(existsSync(trace), false);
  await assert.rejects(chat.session.open(conversation.id), /no longer stored/);
});

test("a draft stays with its conversation, and is gone once it is sent", async () => {
  const { chat } = await openChat();
  await answerTo(chat, "one two");
  const { id } = chat.session.state.conversation;
  chat.session.openNew();
  await chat.session.saveDraft(id, "half a thought");
  await chat.session.open(id);
  assert.equal(chat.session.state.conversation.draft, "half a thought");
  await answerTo(chat, "half a thought");
  assert.equal(chat.session.state.conversation.draft, "");
});

test("chains that think together are counted on the way, and vote in the end; all of it is kept", async () => {
  const { chat, storage } = await openChat();
  await chat.host.choose("chains", "4");
  const seen: number[] = [];
  chat.session.send("one two three slow four");
  await until(() => {
    seen.push(lastAnswer(chat).chains?.filter(({ found }) => found !== undefined).length ?? 0);
    return !chat.session.isRunning;
  });
  const answer = lastAnswer(chat);
  assert.ok(seen.includes(0));
  assert.deepEqual(answer.vote, { answer: "slow four", agree: 3, of: 4, chains: [1, 2, 3] });
  assert.equal(answer.text, "slow four ", "what the majority says, and not the first chain");
  assert.equal(answer.chains?.length, 4);
  const [first, second] = answer.chains;
  assert.deepEqual(
    [first.text, first.found, second.thinking],
    ["another", "another", answer.thinking],
  );
  assert.deepEqual([second.thinkingTokens, second.answerTokens], [3, 2]);
  const again = await openChat(storage);
  assert.deepEqual(lastAnswer(again.chat), JSON.parse(JSON.stringify(answer)));

  await chat.host.choose("chains", "1");
  chat.session.regenerate(chat.session.state.conversation.turns[0].id);
  await until(() => !chat.session.isRunning);
  assert.deepEqual([lastAnswer(chat).chains, lastAnswer(chat).vote], [undefined, undefined]);
});

test("a number of chains that cannot think is refused in words", async () => {
  const { chat } = await openChat();
  for (const value of ["0", "17", "2.5", "many"])
    await assert.rejects(chat.host.choose("chains", value), /choose 1 to 16/);
});
