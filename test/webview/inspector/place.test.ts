/** What stays as it is when another run takes the place of one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TokensRecord } from "../../../src/shared/trace/records";
import { Run } from "../../../webview/inspector/model/run";
import { keptPlace } from "../../../webview/inspector/state/place";
import { initialState } from "../../../webview/inspector/state/state";
import { headerOf, tokensRecord } from "../../support/inspector/sampleRun";

const promptTokens = 20;

/** Runs of the same prompt differ in what follows it. */
function runOf(layers: number, tokens: number, firstId = 0): Run {
  const run = new Run(headerOf({ layers, kvHeads: 2 }));
  const record = tokensRecord(tokens) as TokensRecord;
  record.ids[0] = firstId;
  const part = (from: number, to: number): TokensRecord => ({
    ...record,
    firstPosition: from,
    ids: record.ids.subarray(from, to),
    texts: record.texts.slice(from, to),
    isPrompt: from === 0,
  });
  run.add(part(0, promptTokens));
  if (tokens > promptTokens) run.add(part(promptTokens, tokens));
  return run;
}

const before = {
  ...initialState(runOf(4, 60), false),
  ...{ layer: 3, head: 1, selected: 5, zoom: [10, 40] as [number, number], search: "Pam" },
};

test("layer, head, selection, zoom and search stay for another run of the same prompt", () => {
  const { layer, head, selected, zoom, search } = keptPlace(before, runOf(4, 50));
  assert.deepEqual([layer, head, selected, zoom, search], [3, 1, 5, [10, 40], "Pam"]);
});

test("what the other run has not, or not yet, is not asked of it", () => {
  const { layer, head, zoom } = keptPlace(before, runOf(2, promptTokens));
  assert.deepEqual([layer, head, zoom], [1, 1, undefined]);
});

test("positions mean nothing in another prompt, nor behind a prompt that is the same", () => {
  const other = keptPlace(before, runOf(4, 60, 99));
  assert.deepEqual([other.layer, other.selected, other.zoom], [3, undefined, undefined]);
  const answer = { ...before, selected: promptTokens };
  assert.equal(keptPlace(answer, runOf(4, 60)).selected, undefined);
});
