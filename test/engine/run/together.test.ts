/** Questions decoded as one batch get the answers that they get alone. Asked of the bundled model. */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { type RunnableModel, loadModel } from "../../../src/engine/model/loadModel";
import { answerTogether } from "../../../src/engine/run/answerTogether";
import { conductRun } from "../../../src/engine/run/conductRun";
import type { AnswerParams } from "../../../src/shared/wire/engineApi";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { cacheOf, greedy } from "../../support/engine/tinyRuns";

const questions = [
  "Ned has 32 cards. Ava has 10 fewer than Ned. How many cards does Ava have?",
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?",
  "Ida has 5 books. Tom has 7 more than Ida. How many books does Tom have?",
];

let model: RunnableModel;
before(async () => {
  const worker = resolve("dist", "textWorker.js");
  model = await loadModel({ folder: "media/model", device: "cpu" }, () => undefined, worker);
});
after(async () => {
  await model.text?.close();
  await model.decoder.dispose();
});

function paramsOf(cache: CacheSettings): AnswerParams {
  return { run: "run", questions, chains: 1, cache, sampling: greedy, maxTokens: 120 };
}

function controlOf(cache: CacheSettings) {
  return { run: "run", cache, isCancelled: false };
}

async function alone(content: string, cache: CacheSettings) {
  const params = { ...paramsOf(cache), chains: 1 };
  const prompt = { kind: "chat" as const, messages: [{ role: "user" as const, content }] };
  const emit = () => Promise.resolve();
  const end = await conductRun(model, { ...params, prompt }, controlOf(cache), emit);
  const { answer, stopReason } = end.chains[0];
  const { tokens, promptTokens, compactions, kvBytes } = end;
  return { answer, stopReason, tokens, promptTokens, compactions, kvBytes };
}

for (const [name, cache, rowsAtOnce] of [
  [
    "through compactions",
    cacheOf({ budget: { kind: "count", slots: 64 }, buffer: 32, observationWindow: 8 }),
    3,
  ],
  ["with a full cache", cacheOf({ budget: { kind: "full" } }), 3],
  ["one by one where a compaction would cut a prompt", cacheOf(), 1],
  ["one by one where prompts of unequal length are pinned", cacheOf({ pinPrompt: true }), 1],
] as const)
  test(`questions asked together are answered as they are alone: ${name}`, async () => {
    let rows = 0;
    const answers = await answerTogether(model, paramsOf(cache), controlOf(cache), () => {
      rows = Math.max(rows, model.decoder.rows);
    });
    assert.equal(rows, rowsAtOnce);
    for (const [i, { millis, meanLogProb, ...answer }] of answers.entries()) {
      assert.ok(millis > 0 && meanLogProb < 0);
      assert.deepEqual(answer, await alone(questions[i], cache));
    }
  });

test("a stop ends every answer with what it has", async () => {
  const cache = cacheOf({ budget: { kind: "full" } });
  const control = controlOf(cache);
  const answers = await answerTogether(model, paramsOf(cache), control, (position) => {
    control.isCancelled = position >= 60;
  });
  for (const { stopReason, tokens } of answers) {
    assert.equal(stopReason, "cancelled");
    assert.ok(tokens < 60);
  }
});

test("several chains of each question are answered as if each question were asked alone", async () => {
  const cache = cacheOf({ budget: { kind: "count", slots: 64 }, buffer: 32 });
  const sampling = { ...greedy, temperature: 4 };
  const params = { ...paramsOf(cache), chains: 2, sampling };
  const answers = await answerTogether(model, params, controlOf(cache), () => undefined);
  assert.equal(answers.length, 2 * questions.length);
  const first = { ...params, questions: questions.slice(0, 1) };
  const alone = await answerTogether(model, first, controlOf(cache), () => undefined);
  const said = ({ answer, tokens }: (typeof answers)[number]) => ({ answer, tokens });
  assert.deepEqual(answers.slice(0, 2).map(said), alone.map(said));
  assert.notEqual(alone[0].meanLogProb, alone[1].meanLogProb, "they are drawn apart");
});
