/** Traces that are valid record by record and claim what no run has: each once stopped the page. */
import { inFile } from "../../../src/shared/settings/cacheInFiles";
import { encodeHeader, frame } from "../../../src/shared/trace/encode";
import type { RecordType } from "../../../src/shared/trace/format";
import { type Column, packPayload } from "../../../src/shared/trace/payload";
import type { TraceHeader } from "../../../src/shared/trace/records";
import { compactionRecord, headerOf } from "./sampleRun";

type Written = [type: RecordType, head: object, columns?: Column[]];

const hostileText = `<img src=x onerror="window.ran=1"></script><script>window.ran=1</script>\u202e`;

function trace(shape: Partial<TraceHeader>, ...records: Written[]): Uint8Array {
  const header = { ...headerOf({ layers: 1, kvHeads: 1 }), ...shape };
  const frames = records.map(([type, head, columns]) => frame(type, packPayload(head, columns)));
  return Buffer.concat([encodeHeader(header), ...frames]);
}

function tokens(texts: string[], firstPosition = 0, chain = 0): Written {
  const column = (): Float32Array => new Float32Array(texts.length);
  const ids = new Uint32Array(texts.length);
  return ["tokens", { chain, firstPosition, isPrompt: false, texts }, [ids, column(), column()]];
}

function step(firstPosition: number, title = "step"): Written {
  return ["step", { chain: 0, step: 1, firstPosition, kind: "thinking", title }];
}

function compaction(index: number, position: number): Written {
  const { type, ...head } = compactionRecord(index, position, 12);
  return [type, inFile(head)];
}

/** @param slots each at its own position, every second one retained */
function decision(index: number, layer: number, kvHeads: number, slots: number): Written {
  const cells = kvHeads * slots;
  const head = { chain: 0, compaction: index, layer, kvHeads, slots, firstCell: 0, cells };
  const positions = Uint32Array.from({ length: cells }, (_, cell) => cell % slots);
  const retained = Uint8Array.from(positions, (position) => position % 2);
  return ["compactionLayer", head, [positions, retained]];
}

function divergence(count: number, layers: number, kvHeads: number): Written {
  const head = { chain: 0, firstPosition: 0, count, layers, kvHeads };
  const lost = new Float32Array(count * layers * kvHeads).fill(0.5);
  return ["divergence", head, [new Float32Array(count), new Uint8Array(count), lost]];
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const words = (count: number): string[] => many(count, (index) => ` word${index % 90}`);
const largest = 10_000_000;
const most = { layers: 1024, kvHeads: 1024, queryHeads: 1024, headDim: 4096, chains: 4096 };

/** A small whole run whose every word is a stranger's. */
export function hostileTrace(word: () => string): Uint8Array {
  const { type, ...head } = compactionRecord(0, 12, 6);
  const named = { model: short(word), device: short(word), writer: short(word) };
  const decided = { ...head, policy: short(word) };
  const scores = new Float32Array(12).fill(0.5);
  const cells = {
    chain: 0,
    compaction: 0,
    layer: 0,
    kvHeads: 1,
    slots: 12,
    firstCell: 0,
    cells: 12,
  };
  return trace(
    named,
    step(0, word()),
    tokens(many(12, word)),
    step(6, word()),
    [type, inFile(decided)],
    decision(0, 0, 1, 12),
    ["scores", { ...cells, parts: [short(word), short(word)] }, [scores, scores, scores]],
    divergence(6, 1, 1),
    ["end", { stopReason: short(word), millis: 1, tokens: 12 }],
  );
}

const short = (word: () => string): string => word().slice(0, 900);

export const craftedTraces: Record<string, Uint8Array> = {
  "the largest header": trace(most, tokens(["x"]), tokens(["x"], 0, 4095)),
  "the largest header, with a compaction": trace(
    { ...most, chains: 1 },
    tokens(words(300)),
    compaction(0, 300),
    decision(0, 1023, 1024, 1),
    decision(0, 7, 1024, 20),
  ),
  "every layer of 256 × 256 decided": trace(
    { layers: 256, kvHeads: 256 },
    tokens(words(200)),
    step(0),
    compaction(0, 200),
    ...many(256, (layer) => decision(0, layer, 256, 1)),
  ),
  "heads that list nothing of a long text": trace(
    { layers: 1, kvHeads: 1024 },
    ...many(40, (index) => tokens(words(2_000), index * 2_000)),
    compaction(0, 80_000),
    decision(0, 0, 1024, 0),
  ),
  "a divergence of 200,000 heads": trace(
    { layers: 1000, kvHeads: 200 },
    tokens(words(40)),
    divergence(1, 1000, 200),
  ),
  "2,000 divergences of nothing": trace(
    { layers: 1024, kvHeads: 1024 },
    tokens(words(40)),
    ...many(2_000, () => divergence(0, 1024, 1024)),
  ),
  "a first token at the last position": trace({}, tokens(["x"], largest - 1)),
  "a step at the last position": trace({}, tokens(words(9)), step(2), step(largest), step(largest)),
  "20,000 steps of one token": trace(
    {},
    tokens(words(20_000)),
    ...many(20_000, (index) => step(index)),
    compaction(0, 20_000),
    decision(0, 0, 1, 20_000),
  ),
  "10,000 compactions without a text": trace(
    {},
    ...many(10_000, (index) => compaction(index, largest)),
  ),
  "3,000 steps and 3,000 compactions": trace(
    {},
    tokens(words(12_000)),
    ...many(3_000, (index) => step(index * 4)),
    ...many(3_000, (index) => compaction(index, 4 * (index + 1))),
  ),
  "a compaction of 60,000 slots, without scores": trace(
    {},
    ...many(30, (index) => tokens(words(2_000), index * 2_000)),
    compaction(0, 60_000),
    decision(0, 0, 1, 60_000),
  ),
  "tokens of 60,000 characters": trace({}, tokens(many(15, () => "long ".repeat(12_000)))),
  "words that would be markup": hostileTrace(() => hostileText),
  "a damaged header": trace({}).subarray(0, 40),
  "no trace at all": new TextEncoder().encode("not a trace"),
};
