/** Small runs of random choices, and the same runs told slowly: sets of positions, nothing clever. */
import type { LayerDecision } from "../../../src/shared/trace/cells";
import type { TraceItem } from "../../../src/shared/trace/reader";
import type { CompactionRecord, TraceHeader } from "../../../src/shared/trace/records";
import { defaultSamplingSettings } from "../../../src/shared/settings/settings";
import { Run } from "../../../webview/inspector/model/run";

export interface Shape {
  tokens: number;
  layers: number;
  kvHeads: number;
  every: number;
  budget: number;
}

export interface Sample {
  run: Run;
  /** [compactions][rows] positions that a row held right after a compaction. */
  heldAfter: Set<number>[][];
  /** Tokens in the text at each compaction. */
  at: number[];
}

export function sampleRun(shape: Shape, random: () => number): Sample {
  const run = new Run(headerOf(shape));
  run.add(tokensRecord(shape.tokens));
  run.add({ type: "step", chain: 0, step: 0, firstPosition: 0, kind: "prompt", title: "Prompt" });
  const rows = shape.layers * shape.kvHeads;
  let held = Array.from({ length: rows }, () => new Set<number>());
  const sample: Sample = { run, heldAfter: [], at: [] };
  let seen = 0;
  for (let position = shape.every; position <= shape.tokens; position += shape.every) {
    const compaction = sample.at.length;
    run.add(compactionRecord(compaction, position, shape.budget));
    for (; seen < position; seen++) for (const row of held) row.add(seen);
    const after = held.map((row) => survivors(row, shape.budget, random));
    for (let layer = 0; layer < shape.layers; layer++)
      run.add(decisionOf(layer, compaction, shape.kvHeads, held, after));
    held = after.map((row) => new Set(row));
    sample.heldAfter.push(after);
    sample.at.push(position);
  }
  return sample;
}

function survivors(held: Set<number>, budget: number, random: () => number): Set<number> {
  const shuffled = [...held].map((position) => ({ position, key: random() }));
  shuffled.sort((a, b) => a.key - b.key);
  return new Set(shuffled.slice(0, budget).map(({ position }) => position));
}

function decisionOf(
  layer: number,
  compaction: number,
  kvHeads: number,
  before: Set<number>[],
  after: Set<number>[],
): LayerDecision {
  const rows = Array.from({ length: kvHeads }, (_, head) => layer * kvHeads + head);
  const positions = rows.flatMap((row) => [...before[row]].sort((a, b) => a - b));
  const slots = before[rows[0]].size;
  return {
    type: "compactionLayer",
    chain: 0,
    compaction,
    layer,
    kvHeads,
    slots,
    positions: Uint32Array.from(positions),
    retained: Uint8Array.from(positions, (position, cell) =>
      after[rows[Math.floor(cell / slots)]].has(position) ? 1 : 0,
    ),
  };
}

export function headerOf({ layers, kvHeads }: Pick<Shape, "layers" | "kvHeads">): TraceHeader {
  return {
    writer: "test",
    model: "toy",
    layers,
    queryHeads: kvHeads,
    kvHeads,
    headDim: 4,
    bytesPerToken: 100,
    device: "cpu",
    chains: 1,
    startedAt: 0,
    sampling: defaultSamplingSettings,
  };
}

export function tokensRecord(count: number): TraceItem {
  return {
    type: "tokens",
    chain: 0,
    firstPosition: 0,
    ids: Uint32Array.from({ length: count }, (_, position) => position % 7),
    logProbs: new Float32Array(count),
    millis: new Float32Array(count),
    texts: Array.from({ length: count }, (_, position) => ` word${position}`),
    isPrompt: false,
  };
}

export function compactionRecord(
  compaction: number,
  position: number,
  budget: number,
): CompactionRecord {
  return {
    type: "compaction",
    chain: 0,
    compaction,
    position,
    cause: "buffer",
    policy: "rkv",
    lambda: 0.1,
    similarityThreshold: 0.5,
    observationWindow: 2,
    budget,
    millis: 1,
    bytesBefore: 0,
    bytesAfter: budget * 100,
  };
}
