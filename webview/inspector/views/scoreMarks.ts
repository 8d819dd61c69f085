/** The marks of a decision: both parts of every score, the score, the cut and the axis. */
import { line, max, type ScaleLinear } from "d3";
import { curves, frame, layer, onePerPixel, rule, write, type Figure } from "../figure";
import { spread } from "../scene/labels";
import type { Candidate, Decision } from "../model/decision";
import { brief } from "../model/numbers";
import type { Theme } from "../scene/theme";

export const margin = { top: 22, right: 14, bottom: 22, left: 54 };

export type Scale = ScaleLinear<number, number>;

/** The two parts of a score on one axis: score = up − down. Without parts, the score itself. */
function partsOf(candidate: Candidate, lambda: number): { up: number; down: number } {
  const { importance, redundancy, score: value } = candidate;
  if (Number.isNaN(redundancy)) return { up: Math.max(0, value), down: Math.max(0, -value) };
  return { up: lambda * (importance || 0), down: (1 - lambda) * redundancy };
}

/** Lowest and highest value on the axis. */
export function spanOf(candidates: Candidate[], lambda: number): [number, number] {
  const parts = candidates.map((candidate) => partsOf(candidate, lambda));
  return [-(max(parts, ({ down }) => down) ?? 0), max(parts, ({ up }) => up) || 1e-9];
}

export function paintBars(
  canvas: CanvasRenderingContext2D,
  { candidates }: Decision,
  lambda: number,
  x: Scale,
  y: Scale,
  theme: Theme,
): void {
  const width = x(1) - x(0);
  const bar = width > 3 ? width - 1 : Math.max(width, 0.5);
  ranksShown(candidates, x).forEach((rank) => {
    const candidate = candidates[rank];
    const { up, down } = partsOf(candidate, lambda);
    canvas.globalAlpha = candidate.retained ? 1 : 0.5;
    canvas.fillStyle = theme.blue;
    canvas.fillRect(x(rank), y(up), bar, y(0) - y(up));
    canvas.fillStyle = theme.orangeFill;
    canvas.fillRect(x(rank), y(0), bar, y(-down) - y(0));
  });
  canvas.globalAlpha = 1;
}

/** Ranks of the candidates, no more than two for each pixel. */
function ranksShown(candidates: Candidate[], x: Scale): number[] {
  return onePerPixel([...candidates.keys()], (rank) => 2 * x(rank));
}

export function drawScore(figure: Figure, { candidates }: Decision, x: Scale, y: Scale): void {
  const path = line<number>(
    (rank) => x(rank + 0.5),
    (rank) => y(candidates[rank].score),
  );
  curves(layer(figure, "score"), [{ d: path(ranksShown(candidates, x)), kind: "score-line" }]);
}

export function drawCut(
  figure: Figure,
  { cut, candidates }: Decision,
  x: Scale,
  floor: number,
): void {
  const at = x(cut);
  const [left, right] = x.range();
  frame(layer(figure, "evicted-side"), [
    { x: at, y: margin.top, width: right - at, height: floor - margin.top, kind: "evicted-side" },
  ]);
  rule(layer(figure, "cut"), [{ x1: at, x2: at, y1: margin.top - 4, y2: floor, kind: "cut" }]);
  const roomy = (from: number, to: number) => to - from > 60;
  const words = [
    ...(roomy(left, at)
      ? [{ x: at - 6, text: `${cut} retained`, anchor: "end" as const, kind: "strong" }]
      : []),
    ...(roomy(at, right)
      ? [{ x: at + 6, text: `${candidates.length - cut} evicted`, kind: "strong" }]
      : []),
  ];
  write(
    layer(figure, "cut-words"),
    words.map((word) => ({ ...word, y: margin.top - 8 })),
  );
}

export function drawAxis(figure: Figure, { candidates }: Decision, y: Scale): void {
  const hasParts = candidates.some(({ redundancy }) => !Number.isNaN(redundancy));
  const [low, high] = y.domain();
  rule(layer(figure, "zero"), [
    { x1: margin.left, x2: figure.width - margin.right, y1: y(0), y2: y(0), kind: "line" },
  ]);
  const at = (value: number, text: string, kind = "muted") => ({ y: y(value) + 4, text, kind });
  const words = [
    at(high, brief(high)),
    at(0, "0"),
    ...(hasParts
      ? [
          ...(y(low) - y(0) > 34 ? [at(low, brief(low))] : []),
          at(high / 2, "λ·I", "blue"),
          at(low / 2, "(1−λ)·R", "mark-quiet"),
        ]
      : [at(high / 2, "score", "blue")]),
  ];
  const heights = spread(
    words.map((word) => word.y),
    12,
    y(low) + 12,
  );
  write(
    layer(figure, "axis"),
    words.map((word, index) => {
      return { ...word, x: margin.left - 6, y: heights[index], anchor: "end" };
    }),
  );
}
