/** Two runs are laid over each other where that says something, else a sentence says why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { comparedAt, commonLength } from "../../../webview/inspector/model/comparison";
import { heldByTwo } from "../../../webview/inspector/model/heldByTwo";
import { momentAt } from "../../../webview/inspector/model/moment";
import { TraceData } from "../../../webview/inspector/state/traceData";
import { Run } from "../../../webview/inspector/model/run";
import { load } from "../../../webview/inspector/state/loader";
import { compare } from "../../../webview/inspector/views/compare";
import type { Work } from "../../../webview/inspector/model/pieces";
import { comparedWords } from "../../../webview/inspector/views/parts/comparedWords";
import { AwaitedData } from "../../../webview/inspector/export/awaitedData";
import { pairs } from "../../support/inspector/sceneTraces";
import { finished } from "../../support/inspector/finished";
import { headerOf } from "../../support/inspector/sampleRun";
import { alone, spokenTrace, voted, type Spoken } from "../../support/inspector/spokenTrace";

async function runOf(spoken: Spoken, chain = 0): Promise<Run> {
  const { run, refresh } = await load(bytesInMemory(spokenTrace(spoken)), chain);
  await refresh();
  return run;
}

const said = (a: Run, b: Run, tokens = a.tokens): string => comparedWords(a, b, tokens);

test("different prompts: said, with the place where they part", async () => {
  const prompt = "Eve has 18 books . Dan has 9 more than Eve . How many has Dan ?";
  const words = said(await runOf(alone(0)), await runOf(alone(0, { prompt })));
  assert.match(words, /asked different things/);
  assert.match(
    words,
    /for 7 tokens and part at “6” \/ “9”, in the prompt, after “18 books \. Dan has”/,
  );
});

test("other layers or heads, and a run that has only begun: said", async () => {
  const run = await runOf(alone(0));
  const other = new Run(headerOf({ layers: 3, kvHeads: 2 }));
  assert.match(said(run, other), /^The other run has no tokens yet\.$/);
  other.add({
    type: "tokens",
    chain: 0,
    firstPosition: 0,
    isPrompt: true,
    texts: ["x"],
    ids: Uint32Array.of(1),
    logProbs: new Float32Array(1),
    millis: new Float32Array(1),
  });
  assert.match(
    said(run, other),
    /other layers or heads \(2 layers of 2 heads; 3 layers of 2 heads\)/,
  );
});

test("equal runs: one answer, one text", async () => {
  const run = await runOf(alone(0));
  const words = said(run, await runOf(alone(0)));
  assert.match(
    words,
    /^This run and the other both answer 24\. They say the same from beginning to/,
  );
});

test("a run that ends where the other goes on, and what tells two of one policy apart", async () => {
  const { thinking } = voted.replies[0];
  const stopped = alone(0, { replies: [{ thinking }], cache: { lambda: 0.5 } });
  const words = said(await runOf(alone(0)), await runOf(stopped));
  assert.match(words, /^R-KV at 8 with λ 0\.1 answers 24, R-KV at 8 with λ 0\.5 has no answer\./);
  assert.match(words, /the same for 33 tokens, where the other ends\./);
});

test("nothing is claimed where neither run had evicted anything", async () => {
  const [run, other] = [await runOf(alone(0)), await runOf(alone(1))];
  assert.match(said(run, other, 10), /Up to this moment neither has evicted anything\.$/);
  const never = await runOf(alone(0, { compactions: 0 }));
  assert.match(said(never, await runOf(alone(1, { compactions: 0 }))), /neither has evicted/);
});

test("they are compared where they part; later, where nothing was evicted until there", async () => {
  const [run, other] = [await runOf(alone(0)), await runOf(alone(1))];
  const common = commonLength(run, other);
  assert.equal(comparedAt(run, other, run.tokens), common);
  assert.equal(comparedAt(run, other, common - 1), common - 1);
  const late = run.compactions[1].position;
  run.compactions.shift();
  other.compactions.length = 0;
  assert.ok(late > common);
  assert.equal(comparedAt(run, other, late), late);
});

/** Busy with a newer count: an older one of the topic is all there is. */
class LateData extends AwaitedData {
  private readonly counts = new Map<string, unknown>();

  override countedLately<T>(_: Run, topic: string, __: string, count: () => Work<T>): T {
    if (!this.counts.has(topic)) this.counts.set(topic, finished(count()));
    return this.counts.get(topic) as T;
  }
}

test("while they are counted for another width, every matrix has all its cells", async () => {
  const { state } = await pairs.parted();
  const data = new LateData(new TraceData(() => undefined));
  for (const width of [640, 11, 5, 300])
    for (const { cells = [] } of compare(state, data, { width, height: 200 }).plots)
      for (const { columns, values } of cells) assert.equal(values.length, columns * 2);
});

test("slots are counted as two slow sets of them are", async () => {
  const trace = { ...voted, compactions: 3 };
  const pair = [await runOf(trace), await runOf(trace, 1)] as const;
  const stretches = [
    { from: 0, to: 5 },
    { from: 5, to: 20 },
  ];
  for (const tokens of [0, 16, 20, 30]) {
    const found = finished(heldByTwo(pair, tokens, stretches));
    for (let layer = 0; layer < 2; layer++)
      stretches.forEach(({ from, to }, index) => {
        let [both, onlyFirst, onlySecond] = [0, 0, 0];
        for (const row of [2 * layer, 2 * layer + 1])
          for (let position = from; position < to; position++) {
            const [a, b] = pair.map(
              (run) => run.evictions.evictedAt(row, position) >= momentAt(run, tokens).compactions,
            );
            if (a && b) both++;
            else if (a) onlyFirst++;
            else if (b) onlySecond++;
          }
        const cell = layer * stretches.length + index;
        assert.deepEqual(
          [found.both[cell], found.onlyFirst[cell], found.onlySecond[cell]],
          [both, onlyFirst, onlySecond],
        );
      });
  }
});
