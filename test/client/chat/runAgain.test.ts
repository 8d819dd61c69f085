/** Compare: the real engine reads the same prompt again, whatever it answered at first. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { createBrowserChat } from "../../../src/cli/serve/browserChat";
import { runAgain } from "../../../src/client/chat/runAgain";
import { isRunning } from "../../../src/shared/chat/chatState";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { load } from "../../../webview/inspector/state/loader";

const model = { folder: "media/model", name: "Pocket Reasoner", device: "cpu" as const };
const questions = ["Ned has 32 cards. How many cards does Ned have?", "Ava has 10 fewer than Ned."];

test("a question that is run again reads the prompt that it read at first, token by token", async () => {
  const storage = await mkdtemp(path.join(tmpdir(), "rkv-lens-test-"));
  const { chat } = await createBrowserChat({
    engineScript: "dist/engine.js",
    bundledModel: model.folder,
    device: model.device,
    storage,
    log: () => undefined,
  });
  try {
    for (const question of questions) {
      chat.session.send(question);
      await chat.session.settled();
    }
    const { turns } = chat.session.state.conversation;
    const choice = { model, sampling: {}, maxTokens: 10 };
    const cache = { ...chat.session.state.cache, policy: "full" as const };
    const signal = new AbortController().signal;
    for (const [index, { answer }] of turns.entries()) {
      assert.ok(!isRunning(answer) && answer.text !== "", "it has an answer that could leak");
      const asked = turns.slice(0, index + 1);
      const again = { choice, turns: asked, cache, signal, onTokens: () => undefined };
      const run = await runAgain(chat, again);
      const [first, second] = await Promise.all([answer.id, run].map((id) => promptIn(id)));
      assert.ok(first.length > 10);
      assert.deepEqual(second, first);
    }
  } finally {
    await chat.close();
    await rm(storage, { recursive: true, force: true, maxRetries: 5 });
  }

  async function promptIn(id: string): Promise<number[]> {
    const { run, refresh } = await load(bytesInMemory(await readFile(chat.traces.fileOf(id))));
    await refresh();
    return [...run.ids.values.subarray(0, run.promptTokens)];
  }
});
