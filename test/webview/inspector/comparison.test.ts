/** Two runs are laid over each other where that says something, else a sentence says why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TokensRecord } from "../../../src/shared/trace/records";
import { agreementByLayer, obstacle } from "../../../webview/inspector/model/comparison";
import { Run } from "../../../webview/inspector/model/run";
import { finished } from "../../support/inspector/finished";
import { compactionRecord, headerOf, tokensRecord } from "../../support/inspector/sampleRun";

const promptTokens = 6;

/** @param prompt added to the ids of the prompt, @param reply to those of the reply */
function runOf(prompt: number, reply: number, evictsAt?: number): Run {
  const run = new Run(headerOf({ layers: 2, kvHeads: 2 }));
  const record = (firstPosition: number, count: number, change: number): void => {
    const made = tokensRecord(count) as TokensRecord;
    const ids = made.ids.map((id) => id + change);
    run.add({ ...made, ids, firstPosition, isPrompt: firstPosition === 0 });
  };
  record(0, promptTokens, prompt);
  record(promptTokens, 4, 0);
  record(promptTokens + 4, 10, reply);
  if (evictsAt === undefined) return run;
  run.add(compactionRecord(0, evictsAt, 4));
  run.add({
    type: "compactionLayer",
    chain: 0,
    compaction: 0,
    layer: 1,
    kvHeads: 2,
    slots: 8,
    positions: Uint32Array.from({ length: 16 }, (_, cell) => cell % 8),
    retained: Uint8Array.from({ length: 16 }, (_, cell) => (cell % 8 < 4 ? 1 : 0)),
  });
  return run;
}

test("runs of different prompts are not compared, and the sentence says where they part", () => {
  const words = obstacle(runOf(0, 0, 8), runOf(1, 0)) ?? "";
  assert.match(words, /begin with different tokens/);
  const longer = runOf(0, 0, 8);
  longer.promptTokens = 12;
  assert.match(obstacle(longer, runOf(0, 1)) ?? "", /different prompts: they part at token 10/);
});

test("no agreement is claimed where neither run had evicted anything before they part", () => {
  assert.match(obstacle(runOf(0, 0, 15), runOf(0, 1)) ?? "", /evicted anything at token 10/);
  assert.match(obstacle(runOf(0, 0), runOf(0, 0)) ?? "", /evicted anything/);
});

test("runs of one prompt that part after an eviction are compared, layer by layer", () => {
  const [run, other] = [runOf(0, 0, 8), runOf(0, 1)];
  assert.equal(obstacle(run, other), undefined);
  assert.deepEqual(finished(agreementByLayer(run, other, 10)), [1, 6 / 10]);
});
