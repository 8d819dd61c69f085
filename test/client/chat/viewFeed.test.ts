import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import {
  createMessageConnection,
  type MessageConnection,
  PortMessageReader,
  PortMessageWriter,
} from "vscode-jsonrpc/node";
import { ViewFeed } from "../../../src/client/chat/viewFeed";
import { applyChange, type ChatChange } from "../../../src/shared/chat/chatChange";
import type { ChatState } from "../../../src/shared/chat/chatState";
import { defaultCacheSettings } from "../../../src/shared/settings/settings";
import { emptyAnswer } from "../../support/chatState";
import { until } from "../../support/within";

function connections(): [MessageConnection, MessageConnection, () => void] {
  const { port1, port2 } = new MessageChannel();
  const [host, view] = [port1, port2].map((port) =>
    createMessageConnection(new PortMessageReader(port), new PortMessageWriter(port)),
  );
  assert.ok(host && view);
  return [host, view, () => port1.close()];
}

const started: ChatState = {
  abilities: { editor: false, pickers: false },
  conversations: [],
  conversation: {
    id: "c",
    title: "",
    createdAt: 0,
    updatedAt: 0,
    draft: "",
    turns: [{ id: "t", question: { text: "?", attachments: [] }, answer: emptyAnswer("a") }],
  },
  attachments: [],
  cache: defaultCacheSettings,
  chains: 1,
  engine: { kind: "idle", model: "m" },
  notices: [],
};

function word(at: number): ChatChange {
  const change = {
    kind: "text",
    channel: "answer",
    at,
    text: "word ",
    tokens: 1,
    time: 0,
  } as const;
  return { kind: "conversation", change: { kind: "answer", answer: "a", change } };
}

test("a slow view gets the whole text in few batches, and never two at a time", async () => {
  const [host, view, close] = connections();
  let state = started;
  const feed = new ViewFeed(() => state);
  let seen = feed.subscribe(host).state;
  let [batches, inFlight, sequence] = [0, 0, 0];
  view.onRequest("changes", async (batch: { sequence: number; changes: ChatChange[] }) => {
    assert.equal(++inFlight, 1);
    assert.equal(batch.sequence, sequence + 1);
    sequence += batch.changes.length;
    batches += 1;
    seen = batch.changes.reduce(applyChange, seen);
    await new Promise((resolve) => setTimeout(resolve, 30));
    inFlight -= 1;
    return null;
  });
  host.listen();
  view.listen();
  for (let count = 0; count < 1_000; count++) {
    const change = word(5 * count);
    state = applyChange(state, change);
    feed.publish(change);
    if (count % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const textOf = ({ conversation }: ChatState): string => conversation.turns[0]?.answer.text ?? "";
  await until(() => textOf(seen).length === 5_000);
  assert.equal(textOf(seen), textOf(state));
  assert.equal(seen.conversation.turns[0]?.answer.answerTokens, 1_000);
  assert.ok(batches < 50, `${batches} batches`);
  close();
});

test("a text that would leave a gap or a double is refused", () => {
  const once = applyChange(started, word(0));
  assert.throws(() => applyChange(once, word(0)), RangeError);
  assert.throws(() => applyChange(once, word(10)), RangeError);
});
