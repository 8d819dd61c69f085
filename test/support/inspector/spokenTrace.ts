/** Small whole runs of two layers and two heads, made of words: of one chain, or of several. */
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { defaultCacheSettings } from "../../../src/shared/settings/settings";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { TokensRecord, TraceRecord } from "../../../src/shared/trace/records";
import { compactionRecord, headerOf } from "./sampleRun";

export interface Spoken {
  prompt: string;
  /** Of each chain; one without an answer was stopped before it. */
  replies: { thinking: string; answer?: string }[];
  cache?: Partial<CacheSettings>;
  /** How often every chain compacts; each time `budget` slots of each head stay. */
  compactions?: number;
}

const [layers, kvHeads, budget] = [2, 2, 8];
const question = "Eve has 18 books . Dan has 6 more than Eve . How many has Dan ?";

/** Two chains of four agree, one answers something else, one was stopped. */
export const voted: Spoken = {
  prompt: question,
  replies: [
    { thinking: "Eve has 18 . Dan has 6 more , so 18 + 6 = 24 .", answer: "Dan has 24 books." },
    { thinking: "Eve has 18 . Dan has 6 , so 6 .", answer: "Dan has 6 books." },
    { thinking: "Dan has 6 more than Eve , so 24 .", answer: "The answer is 24.0." },
    { thinking: "Eve has Eve has Eve has Eve has Eve has" },
  ],
};

/** What one of its chains says, by itself. */
export function alone(chain: number, change: Partial<Spoken> = {}): Spoken {
  return { prompt: question, replies: [voted.replies[chain]], ...change };
}

export function spokenTrace({ prompt, replies, cache, compactions = 2 }: Spoken): Uint8Array {
  const header = { ...headerOf({ layers, kvHeads }), chains: replies.length };
  const settings: TraceRecord = {
    type: "settings",
    position: 0,
    cache: { ...defaultCacheSettings, budget: { kind: "count", slots: budget }, ...cache },
  };
  const records = replies.flatMap((reply, chain) => {
    const asked = wordsOf(prompt);
    const said = [...wordsOf(reply.thinking), ...wordsOf(reply.answer ?? "")];
    return [
      tokensOf(chain, 0, asked),
      stepOf(chain, 0, "prompt", 0),
      tokensOf(chain, asked.length, said),
      stepOf(chain, 1, "thinking", asked.length),
      ...(reply.answer === undefined
        ? []
        : [stepOf(chain, 2, "answer", asked.length + wordsOf(reply.thinking).length)]),
      ...compactionsOf(chain, asked.length, said.length, compactions),
    ];
  });
  const end: TraceRecord = { type: "end", stopReason: "end", millis: 9, tokens: 9 };
  return Buffer.concat([encodeHeader(header), encodeRecords([settings, ...records, end])]);
}

const wordsOf = (text: string): string[] => text.match(/\s?\S+/g) ?? [];
const vocabulary = new Map<string, number>();

function idOf(word: string): number {
  if (!vocabulary.has(word)) vocabulary.set(word, vocabulary.size);
  return vocabulary.get(word) ?? 0;
}

function tokensOf(chain: number, firstPosition: number, texts: string[]): TokensRecord {
  return {
    type: "tokens",
    chain,
    firstPosition,
    ids: Uint32Array.from(texts, idOf),
    logProbs: new Float32Array(texts.length).fill(firstPosition === 0 ? NaN : -0.1 - 0.1 * chain),
    millis: new Float32Array(texts.length),
    texts,
    isPrompt: firstPosition === 0,
  };
}

function stepOf(
  chain: number,
  step: number,
  kind: "prompt" | "thinking" | "answer",
  firstPosition: number,
): TraceRecord {
  return { type: "step", chain, step, firstPosition, kind, title: kind };
}

/** The first at the end of the prompt, the others along the reply. Heads and chains differ. */
function compactionsOf(chain: number, asked: number, said: number, times: number): TraceRecord[] {
  const held = Array.from({ length: layers * kvHeads }, () => new Set<number>());
  let seen = 0;
  return Array.from({ length: times }, (_, index) => {
    const position = asked + Math.floor((index * said) / times);
    for (; seen < position; seen++) for (const row of held) row.add(seen);
    const before = held.map((row) => [...row].sort((a, b) => a - b));
    held.forEach((row, at) => {
      const order = [...row].sort((a, b) => rank(a, at, chain) - rank(b, at, chain));
      for (const lost of order.slice(budget)) row.delete(lost);
    });
    const record = { ...compactionRecord(index, position, budget), chain };
    const bytesBefore = before[0].length * headerOf({ layers, kvHeads }).bytesPerToken * 3;
    const decisions = Array.from({ length: layers }, (__, layer) =>
      decisionOf(chain, index, layer, before, held),
    );
    return [{ ...record, bytesBefore, bytesAfter: record.bytesAfter * 3 }, ...decisions];
  }).flat();
}

const rank = (position: number, row: number, chain: number): number =>
  (position * 37 + row * 11 + chain * position * 5) % 53;

function decisionOf(
  chain: number,
  compaction: number,
  layer: number,
  before: number[][],
  held: Set<number>[],
): TraceRecord {
  const rows = [0, 1].map((head) => layer * kvHeads + head);
  const positions = Uint32Array.from(rows.flatMap((row) => before[row]));
  const slots = before[rows[0]].length;
  const retained = Uint8Array.from(positions, (position, cell) =>
    held[rows[Math.floor(cell / slots)]].has(position) ? 1 : 0,
  );
  const scores = new Float32Array(positions.length).fill(0.5);
  const place = { chain, compaction, layer, kvHeads, slots };
  return { type: "compactionLayer", ...place, positions, retained, scores, parts: [] };
}
