/** The plot of a decision: both parts of every score, the score, and the cut. */
import { max } from "d3";
import type { Candidate, Decision } from "../../model/decision";
import { brief } from "../../model/numbers";
import { onePerPixel } from "../../scene/pixels";
import type { Axis, Bar, Bars, Layer, Mark, Plot, Size, Values, Word } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { Twin } from "../../model/reasons";
import { explained, explainedDecision } from "../../state/explained";
import type { State } from "../../state/state";
import { chosenOf, chosenWords } from "./chosen";

/** @param twin the near-duplicate that is named beside the selected token */
export function scorePlot(
  state: Readonly<State>,
  data: Data,
  size: Size,
  { candidates, cut }: Decision,
  twin: Twin | undefined,
): Plot {
  const { bars, line, y, words } = data.derive("scores", () => scoresOf(state, data, size));
  const chosen = chosenOf(state, candidates, twin);
  const evicted: Mark = { mark: "box", x: [cut, candidates.length], look: "evicted-side" };
  const lines = chosen.map(({ rank, line: look }) => {
    return { mark: "rule", x: rank + 0.5, look } as const;
  });
  return {
    x: { domain: [0, candidates.length] },
    y,
    bars: [bars],
    layers: [
      { name: "evicted-side", marks: [evicted] },
      line,
      { name: "cut", marks: [{ mark: "rule", x: cut, look: "cut" }] },
      { name: "chosen", marks: lines },
    ],
    above: [
      { name: "cut-words", words: cutWords(cut, candidates.length) },
      { name: "parts", words },
    ],
    below: chosenWords(state, chosen, twin),
    at: (x) => {
      const candidate = candidates[Math.floor(x)];
      return candidate && { position: candidate.position };
    },
  };
}

/** What stays of the plot while other tokens are selected. */
function scoresOf(state: Readonly<State>, data: Data, size: Size) {
  const asked = explained(state);
  const candidates = (asked && explainedDecision(state, data, asked)?.candidates) ?? [];
  const { lambda } = state.run.compactions[asked?.compaction ?? 0];
  const perRank = (2 * size.width) / Math.max(1, candidates.length);
  const ranks = onePerPixel([...candidates.keys()], (rank) => rank * perRank);
  const parts = candidates.map((candidate) => partsOf(candidate, lambda));
  const high = max(parts, ({ up }) => up) || 1e-9;
  const low = -(max(parts, ({ down }) => down) ?? 0);
  const points = ranks.map((rank): [number, number] => [rank + 0.5, candidates[rank].score]);
  const zero = { mark: "rule", y: 0, look: "line" } as const;
  const line: Layer = {
    name: "score",
    marks: [zero, { mark: "curve", points, look: "score-line" }],
  };
  const lowRoom = (size.height * -low) / (high - low);
  const y: Axis = { domain: [high, low], labels: labels(high, low, lowRoom > 20) };
  const list = ranks.flatMap((rank) => barsOf(candidates[rank], rank, parts[rank]));
  const bars: Bars = { along: "x", bars: list };
  return { bars, line, y, words: partWords(candidates) };
}

interface Parts {
  up: number;
  down: number;
}

/** The two parts of a score on one axis: score = up − down. Without parts, the score itself. */
function partsOf(candidate: Candidate, lambda: number): Parts {
  const { importance, redundancy, score: value } = candidate;
  if (Number.isNaN(redundancy)) return { up: Math.max(0, value), down: Math.max(0, -value) };
  return { up: lambda * (importance || 0), down: (1 - lambda) * redundancy };
}

function barsOf({ retained, redundancy }: Candidate, rank: number, { up, down }: Parts): Bar[] {
  const isFaint = !retained;
  const x: [number, number] = [rank, rank + 1];
  const below = Number.isNaN(redundancy) ? "importance" : "redundancy";
  return [
    { x, y: [up, 0], fill: "importance", isFaint },
    { x, y: [0, -down], fill: below, isFaint },
  ];
}

function labels(high: number, low: number, lowToo: boolean): Values {
  const values: Values["values"] = [
    { at: high, text: brief(high) },
    { at: 0, text: "0" },
  ];
  return { values: lowToo ? [...values, { at: low, text: brief(low) }] : values };
}

/** What the bars are, upwards and downwards. */
function partWords(candidates: readonly Candidate[]): Word[] {
  const knows = (part: "importance" | "redundancy") =>
    candidates.some((candidate) => !Number.isNaN(candidate[part]));
  if (knows("redundancy"))
    return [
      { at: "start", text: "↑ λ·importance", look: "blue" },
      { at: "end", text: "(1−λ)·redundancy ↓", look: "mark-quiet" },
    ];
  return [{ at: "start", text: knows("importance") ? "importance" : "score", look: "blue" }];
}

function cutWords(cut: number, all: number): Word[] {
  const strong = { at: cut, look: "strong" } as const;
  return [
    { ...strong, text: `${cut} retained`, side: "before" },
    { ...strong, text: `${all - cut} evicted`, side: "after" },
  ];
}
