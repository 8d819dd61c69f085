/** The sentence about a token: true and whole, whatever became of it and whatever the trace knows. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defaultCacheSettings } from "../../../src/shared/settings/settings";
import { cutWords } from "../../../webview/inspector/model/cutWords";
import { decision } from "../../../webview/inspector/model/decision";
import { explanation, ordinal } from "../../../webview/inspector/model/explanation";
import { momentAt } from "../../../webview/inspector/model/moment";
import { twinOf, type Twin } from "../../../webview/inspector/model/reasons";
import { Run } from "../../../webview/inspector/model/run";
import { compactionRecord, headerOf, tokensRecord } from "../../support/inspector/sampleRun";

/** How a case differs from the run that `told` makes. */
interface Case {
  position: number;
  /** Length of the text; right after the first compaction otherwise. */
  tokens?: number;
  compaction?: number;
  policy?: string;
  parts?: ("importance" | "redundancy")[];
  scores?: number[];
  twin?: Twin;
  pinPrompt?: boolean;
  chains?: number;
  hasScores?: false;
  kvHeads?: 1;
}

const asked = { layer: 0, head: 0 };
const columns = {
  importance: [0, 0.02, 0.5, 0.4, 0.3, 0.01, 0.3, 0.2, NaN, NaN],
  redundancy: [0.3, 0.05, 0.1, 0.1, 0.1, 0.4, 0.1, 0.2, NaN, NaN],
};
/** What two heads hold and retain, compaction by compaction; the second lost 9 to a local window. */
const held = [
  [range(0, 10), range(0, 10)],
  [
    [2, 3, 4, 6, 7, 8, ...range(10, 16)],
    [0, 2, 3, 4, 6, 8, ...range(10, 16)],
  ],
];
const kept = [
  [
    [2, 3, 4, 6, 7, 8, 9],
    [0, 2, 3, 4, 6, 8, 9],
  ],
  [
    [2, 3, ...range(10, 16)],
    [2, 3, ...range(10, 16)],
  ],
];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** One layer of a compaction: the second one is by age. */
function layerOf(compaction: number, { parts = ["importance", "redundancy"], ...of }: Case) {
  const heads = held[compaction].slice(0, of.kvHeads);
  const slots = heads[0].length;
  const positions = Uint32Array.from(heads.flat());
  const logged = of.scores ?? [0.1, 0.2, 0.9, 0.8, 0.7, 0.05, 0.6, 0.5, NaN, NaN];
  const scores = compaction === 0 ? logged : range(0, slots);
  return {
    type: "compactionLayer" as const,
    chain: 0,
    compaction,
    layer: 0,
    kvHeads: heads.length,
    slots,
    positions,
    retained: Uint8Array.from(positions, (position, cell) =>
      kept[compaction][Math.floor(cell / slots)].includes(position) ? 1 : 0,
    ),
    scores: Float32Array.from(heads.flatMap(() => scores)),
    parts: parts.map((name) => ({
      name,
      values: Float32Array.from(heads.flatMap(() => columns[name])),
    })),
  };
}

function runOf(of: Case): Run {
  const { policy = "rkv", pinPrompt = false, chains = 1, kvHeads = 2 } = of;
  const run = new Run({ ...headerOf({ layers: 1, kvHeads }), chains });
  const cache = { ...defaultCacheSettings, pinPrompt };
  run.add({ type: "settings", position: 0, cache });
  run.add({ ...tokensRecord(4), isPrompt: true } as ReturnType<typeof tokensRecord>);
  run.add({ ...tokensRecord(16), firstPosition: 4 } as ReturnType<typeof tokensRecord>);
  for (const [step, firstPosition] of [0, 4].entries()) {
    const kind = step === 0 ? "prompt" : "thinking";
    run.add({ type: "step", chain: 0, step, firstPosition, kind, title: "" });
  }
  for (const [compaction, position] of [10, 16].entries()) {
    run.add({ ...compactionRecord(compaction, position, 7), policy });
    run.add(layerOf(compaction, of));
  }
  return run;
}

function told(of: Case): string {
  const { position, tokens = 10, compaction = 0, twin } = of;
  const run = runOf(of);
  const found = of.hasScores === false ? undefined : decision(layerOf(compaction, of), 0);
  const about = { run, moment: momentAt(run, tokens), position, twin, decision: found };
  return explanation({ ...about, asked: { ...asked, compaction } });
}

const twin = { position: 6, cosine: 0.934, retained: true };
const unscored = Array.from({ length: 10 }, () => NaN);
const pinnedScores = [NaN, NaN, NaN, NaN, 0.7, 0.05, 0.6, 0.5, NaN, NaN];

const cases: [name: string, of: Case, wanted: string][] = [
  [
    "evicted for both reasons, with a near-duplicate that stayed",
    { position: 0, twin },
    "“word0” (position 0, prompt) was evicted at compaction 1 from 1 of 2 heads; 1 still holds it. In layer 0, head 0 it came 7th of 8, of which 5 stayed: nothing in the window looks at it (importance 0), and its key is much like that of “word2” at 6 (cosine 0.93), which stayed; the last one kept scored 0.4 more.",
  ],
  [
    "evicted everywhere at once, for too little importance alone",
    { position: 1 },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 6th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.02); the last one kept scored 0.3 more.",
  ],
  [
    "a near-duplicate that stayed is named where redundancy was not the reason",
    { position: 1, twin },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 6th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.02); its near-duplicate “word2” at 6 (cosine 0.93) stayed; the last one kept scored 0.3 more.",
  ],
  [
    "a near-duplicate that went too",
    { position: 5, twin: { position: 0, cosine: 0.5, retained: false } },
    "“word1” (position 5, step 1) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 8th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.01), and its key is much like that of “word0” at 0 (cosine 0.50), which went too; the last one kept scored 0.45 more.",
  ],
  [
    "repeating the same word",
    { position: 5, twin: { position: 1, cosine: 0.9, retained: true } },
    "“word1” (position 5, step 1) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 8th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.01), and it repeats “word1” at 1 (cosine 0.90), which stayed; the last one kept scored 0.45 more.",
  ],
  [
    "redundant, in a trace without keys",
    { position: 5 },
    "“word1” (position 5, step 1) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 8th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.01), and it repeats others more than most of what stayed (redundancy 0.4); the last one kept scored 0.45 more.",
  ],
  [
    "evicted here, and later by the other head",
    { position: 0, tokens: 16, hasScores: false },
    "“word0” (position 0, prompt) was evicted at compaction 1 from 1 of 2 heads; since compaction 2 none holds it.",
  ],
  [
    "evicted by the last head that held it",
    { position: 7, tokens: 16, compaction: 1, hasScores: false },
    "“word3” (position 7, step 1) was evicted at compaction 2 from 1 of 2 heads, the last that held it.",
  ],
  [
    "evicted elsewhere, not here",
    { position: 7 },
    "“word3” (position 7, step 1) is held by 1 of 2 heads. In layer 0, head 0 it came 5th of 8 at compaction 1, of which 5 stayed: the window looks at it more than at most of what went (importance 0.2), and it repeats others less than most of what went (redundancy 0.2); the best one evicted scored 0.3 less.",
  ],
  [
    "retained, where its near-duplicate went",
    { position: 2, twin: { position: 5, cosine: 0.71, retained: false } },
    "“word2” (position 2, prompt) is held by both heads. In layer 0, head 0 it came 1st of 8 at compaction 1, of which 5 stayed: the window looks at it more than at most of what went (importance 0.5), and it repeats others less than most of what went (redundancy 0.1); its near-duplicate “word1” at 5 (cosine 0.71) went; the best one evicted scored 0.7 less.",
  ],
  [
    "in the observation window",
    { position: 8 },
    "“word4” (position 8, step 1) is held by both heads. In layer 0, head 0 it did not compete at compaction 1: it lay in the observation window, the newest 2, which stays whatever it scores.",
  ],
  [
    "of a pinned prompt",
    { position: 2, pinPrompt: true, scores: pinnedScores },
    "“word2” (position 2, prompt) is held by both heads. In layer 0, head 0 it did not compete at compaction 1: the prompt is pinned, and stays whatever it scores.",
  ],
  [
    "retained and evicted without scores",
    { position: 2, scores: unscored },
    "“word2” (position 2, prompt) is held by both heads. In layer 0, head 0 it stayed at compaction 1 without a score.",
  ],
  [
    "evicted without a score",
    { position: 1, scores: unscored },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it went at compaction 1 without a score.",
  ],
  [
    "lost between two compactions",
    { position: 9, tokens: 16, compaction: 1, parts: [] },
    "“word5” (position 9, step 1) was evicted at compaction 2 from both heads. In layer 0, head 0 it was no candidate at compaction 2: that head had lost it before, to a local window for instance.",
  ],
  [
    "never a candidate so far",
    { position: 12, tokens: 14 },
    "“word8” (position 12, step 1) is held by both heads. It came after compaction 1 and has not competed yet.",
  ],
  [
    "not written yet",
    { position: 12, tokens: 11 },
    "“word8” (position 12, step 1) is not written yet at this moment.",
  ],
  [
    "random, which has no reasons",
    { position: 1, policy: "random", parts: [] },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 6th of 8, of which 5 stayed: Random draws lots; the last one kept scored 0.3 more.",
  ],
  [
    "SnapKV, which minds no near-duplicates",
    { position: 1, policy: "snapkv", parts: ["importance"], twin },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 6th of 8, of which 5 stayed: hardly anything in the window looks at it (importance 0.02); the last one kept scored 0.3 more.",
  ],
  [
    "a policy that only its writer knew, and a tie",
    { position: 1, policy: "knorm", parts: [], scores: [0.1, 0.5, 1, 1, 1, 0, 1, 0.5, NaN, NaN] },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 6th of 8, of which 5 stayed: “knorm” went by a score of 0.5; the last one kept scored the same.",
  ],
  [
    "a choice that its scores do not bear out",
    { position: 1, parts: [], scores: [0.1, 2, 1, 1, 1, 0, 1, 0.5, NaN, NaN], policy: "x" },
    "“word1” (position 1, prompt) was evicted at compaction 1 from both heads. In layer 0, head 0 it came 1st of 8, of which 5 stayed: “x” went by a score of 2; the last one kept scored 1.5 less.",
  ],
  [
    "one of several chains, in a model of one head",
    { position: 1, chains: 8, kvHeads: 1, parts: [], policy: "streaming-llm" },
    "“word1” (chain 1, position 1, prompt) was evicted at compaction 1 from its only head. In layer 0, head 0 it came 6th of 8, of which 5 stayed: StreamingLLM keeps the first four tokens and the newest; the last one kept scored 0.3 more.",
  ],
];

describe("what became of a token", () => {
  for (const [name, of, wanted] of cases) test(name, () => assert.equal(told(of), wanted));
});

test("a decision in words: what stayed, where the cut lies, what either part would have chosen", () => {
  const layer = layerOf(0, { position: 0 });
  const words = (parts: typeof layer.parts) =>
    cutWords({ compaction: 0, ...asked }, decision({ ...layer, parts }, 0));
  const plain =
    "At compaction 1, layer 0, head 0 kept 5 of 8 candidates, and 2 that did not compete. The cut lies at a score of 0.35.";
  assert.equal(words([]), plain);
  assert.equal(
    words(layer.parts),
    `${plain} Importance alone would have kept 5 of these 5, redundancy alone 4.`,
  );
});

test("where all candidates stayed there is no cut", () => {
  const layer = layerOf(0, { position: 0 });
  const all = decision({ ...layer, retained: layer.retained.fill(1) }, 0);
  assert.equal(
    cutWords({ compaction: 0, ...asked }, all),
    "At compaction 1, layer 0, head 0 kept all 8 candidates, and 2 that did not compete.",
  );
});

test("the near-duplicate that fared otherwise is named before a nearer one", () => {
  const values = Float32Array.of(0, 0.9, 0.6, 0.9, 0, 0.2, 0.6, 0.2, 0);
  const found = { positions: [3, 5, 8], values, order: Int32Array.of(0, 1, 2), threshold: 0.5 };
  const stays = (position: number): boolean => position === 8;
  const words = ["", "", "", " has", "", " 18", "", "", " has"];
  const twin = (position: number, is = stays, of = found) =>
    twinOf(position, words, is, of)?.position;
  assert.equal(twin(3), 8);
  assert.equal(
    twin(3, () => false),
    5,
  );
  assert.equal(
    twin(3, (position) => position !== 3),
    8,
    "the same word before a nearer one",
  );
  assert.equal(twin(4), undefined);
  assert.equal(twin(5, stays, { ...found, threshold: 0.95 }), undefined);
});

test("places are counted as people count", () => {
  const words = [1, 2, 3, 4, 11, 12, 13, 21, 102, 113, 1301].map(ordinal);
  assert.equal(words.join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 113th 1,301st");
});
