import { line, max, scaleLinear } from "d3";
import { explained, explainedDecision, explainedName, explainedSimilarities } from "../explained";
import {
  canvasOf,
  curves,
  frame,
  instead,
  layer,
  makeFigure,
  prepare,
  rule,
  write,
  type Figure,
} from "../figure";
import { fitting, textWidth } from "../labels";
import { margin as marginOf, type Candidate, type Decision } from "../model/decision";
import { brief, quoted, score } from "../model/numbers";
import { neighbours } from "../model/similarity";
import { select } from "../state";
import type { Theme } from "../theme";
import type { Context, View } from "../view";
import { drawLifeWords, lifeLineHeight, paintLife } from "./lifeLine";

const margin = { top: 22, right: 14, bottom: 22, left: 54 };

/** Why a token was retained or evicted: every candidate of one head, best score first. */
export function why(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure("Scores of all candidates, best first. Arrow keys move by rank.");
  const x = scaleLinear();

  const decisionNow = (): Decision | undefined => {
    const asked = explained(store);
    return asked && explainedDecision(store.state, data, asked);
  };

  function draw(): void {
    if (!prepare(figure)) return;
    const found = decisionNow();
    if (instead(figure, found ? "" : emptyWords(context)) || !found) return;
    const height = store.state.selected === undefined ? 0 : lifeLineHeight(figure.height);
    const floor = figure.height - margin.bottom - height;
    const { lambda } = store.state.run.compactions[explained(store)?.compaction ?? 0];
    x.domain([0, found.candidates.length]).range([margin.left, figure.width - margin.right]);
    const place = {
      top: floor + margin.bottom,
      height,
      left: margin.left,
      right: figure.width - margin.right,
    };
    const y = scaleLinear(spanOf(found.candidates, lambda), [floor, margin.top]);
    const { selected, version } = store.state;
    const canvas = canvasOf(
      figure,
      found,
      selected,
      version,
      store.moment.compactions,
      context.theme(),
    );
    if (canvas) {
      paintBars(canvas, found, lambda, x, y, context.theme());
      paintLife(canvas, context, place);
    }
    drawScore(figure, found, x, y);
    drawCut(figure, found, x, floor);
    drawAxis(figure, found, y);
    drawChosen(figure, context, found, x, floor);
    drawLifeWords(figure, context, place);
  }

  figure.root.addEventListener("click", (event) => {
    const rank = Math.floor(x.invert(event.offsetX));
    const candidate = decisionNow()?.candidates[rank];
    if (candidate) select(store, candidate.position);
  });
  figure.root.addEventListener("pointermove", (event) => {
    const rank = Math.floor(x.invert(event.offsetX));
    store.update({ hovered: decisionNow()?.candidates[rank]?.position });
  });
  figure.root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));

  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "selected", "hovered", "layer", "head", "theme"],
    waitsForRest: true,
    draw,
    subtitle: () => subtitle(context, decisionNow()),
    table: () => decisionTable(context, decisionNow()),
    onKey(event) {
      const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      const candidates = decisionNow()?.candidates;
      if (!step || !candidates) return false;
      const rank = candidates.findIndex(({ position }) => position === store.state.selected);
      const next = candidates[Math.max(0, Math.min(candidates.length - 1, rank + step))];
      if (next) select(store, next.position);
      return true;
    },
  };
}

/** The two parts of a score on one axis: score = up − down. Without parts, the score itself. */
export function partsOf(candidate: Candidate, lambda: number): { up: number; down: number } {
  const { importance, redundancy, score: value } = candidate;
  if (Number.isNaN(redundancy)) return { up: Math.max(0, value), down: Math.max(0, -value) };
  return { up: lambda * (importance || 0), down: (1 - lambda) * redundancy };
}

/** Lowest and highest value on the axis. */
export function spanOf(candidates: Candidate[], lambda: number): [number, number] {
  const parts = candidates.map((candidate) => partsOf(candidate, lambda));
  return [-(max(parts, ({ down }) => down) ?? 0), max(parts, ({ up }) => up) || 1e-9];
}

function emptyWords({ store, data }: Context): string {
  if (data.failure) return data.failure;
  const { run } = store.state;
  if (run.compactions.length === 0) return "Nothing was evicted: no compaction has happened.";
  if (store.moment.compactions === 0) return "No compaction yet at this moment.";
  return "Reading the scores…";
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function paintBars(
  canvas: CanvasRenderingContext2D,
  { candidates }: Decision,
  lambda: number,
  x: Scale,
  y: Scale,
  theme: Theme,
): void {
  const width = x(1) - x(0);
  const bar = width > 3 ? width - 1 : width;
  candidates.forEach((candidate, rank) => {
    const { up, down } = partsOf(candidate, lambda);
    canvas.globalAlpha = candidate.retained ? 1 : 0.5;
    canvas.fillStyle = theme.blue;
    canvas.fillRect(x(rank), y(up), bar, y(0) - y(up));
    canvas.fillStyle = theme.orangeFill;
    canvas.fillRect(x(rank), y(0), bar, y(-down) - y(0));
  });
  canvas.globalAlpha = 1;
}

function drawScore(figure: Figure, { candidates }: Decision, x: Scale, y: Scale): void {
  const path = line<Candidate>(
    (_, rank) => x(rank + 0.5),
    ({ score: value }) => y(value),
  );
  curves(layer(figure, "score"), [{ d: path(candidates), kind: "score-line" }]);
}

function drawCut(figure: Figure, { cut, candidates }: Decision, x: Scale, floor: number): void {
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

function drawAxis(figure: Figure, { candidates }: Decision, y: Scale): void {
  const hasParts = candidates.some(({ redundancy }) => !Number.isNaN(redundancy));
  const [low, high] = y.domain();
  rule(layer(figure, "zero"), [
    { x1: margin.left, x2: figure.width - margin.right, y1: y(0), y2: y(0), kind: "line" },
  ]);
  const left = margin.left - 6;
  const at = (value: number, shift: number, text: string, kind: string) => ({
    x: left,
    y: y(value) + shift,
    text,
    anchor: "end" as const,
    kind,
  });
  write(layer(figure, "axis"), [
    at(high, 4, brief(high), "muted"),
    at(0, 4, "0", "muted"),
    ...(hasParts
      ? [
          ...(y(low) - y(0) > 34 ? [at(low, 0, brief(low), "muted")] : []),
          at(high / 2, 4, "λ·I", "blue"),
          at(low / 2, 8, "(1−λ)·R", "mark-quiet"),
        ]
      : [at(high / 2, 4, "score", "blue")]),
  ]);
}

function drawChosen(
  figure: Figure,
  context: Context,
  found: Decision,
  x: Scale,
  floor: number,
): void {
  const { selected, hovered, run } = context.store.state;
  const spared = sparedPosition(context);
  const marks = [
    { position: hovered, kind: "hover-line", word: "muted" },
    { position: spared, kind: "spared-line", word: "mark-quiet" },
    { position: selected, kind: "hairline", word: "mark" },
  ].flatMap((mark) => {
    const rank = found.candidates.findIndex(({ position }) => position === mark.position);
    return rank < 0 ? [] : [{ ...mark, rank, at: x(rank + 0.5) }];
  });
  rule(
    layer(figure, "chosen"),
    marks.map(({ at, kind }) => ({ x1: at, x2: at, y1: margin.top, y2: floor + 4, kind })),
  );
  const labels = marks.toReversed().map(({ at, position, kind, word, rank }) => {
    const name = `${quoted(run.texts[position ?? 0])} at ${position ?? 0}`;
    const text = kind === "spared-line" ? `spared: ${name}` : `${name}, rank ${rank + 1}`;
    return { text, at, width: textWidth(text, 12), word };
  });
  const always = { text: "best score first", at: x.range()[0] + 42, width: 84, word: "muted" };
  write(
    layer(figure, "chosen-words"),
    fitting([...labels, always], figure.width).map(({ at, text, word }) => ({
      x: at,
      y: floor + 16,
      text,
      anchor: "middle",
      kind: word,
    })),
  );
}

/** The newest near-duplicate of the selected token, which its similarity did not count against. */
function sparedPosition({ store, data }: Context): number | undefined {
  const asked = explained(store);
  const found = asked && explainedSimilarities(store.state, data, asked);
  const slot = found?.positions.indexOf(store.state.selected ?? -1) ?? -1;
  if (!found || slot < 0) return undefined;
  const near = neighbours(found.values, found.positions.length, slot, found.threshold);
  const spared = near.find((neighbour) => neighbour.spared);
  return spared && found.positions[spared.slot];
}

function subtitle({ store }: Context, found: Decision | undefined): string {
  const asked = explained(store);
  const { run, selected } = store.state;
  if (!asked || !found) return "";
  const { policy } = run.compactions[asked.compaction];
  const name = `${explainedName(asked)} · ${policy}`;
  if (selected === undefined) return name;
  const token = quoted(run.texts[selected]);
  const rank = found.candidates.findIndex(({ position }) => position === selected);
  if (rank < 0)
    return found.exempt.includes(selected)
      ? `${token} did not compete · ${name}`
      : `${token} was not a candidate · ${name}`;
  const chosen = found.candidates[rank];
  const verdict = chosen.retained ? "retained" : "evicted";
  const by = score(Math.abs(marginOf(chosen, found)));
  return `${token} ${verdict} by ${by} · rank ${rank + 1} of ${found.candidates.length}, cut at ${found.cut} · ${name}`;
}

function decisionTable({ store }: Context, found: Decision | undefined) {
  const { run } = store.state;
  const asked = explained(store);
  const lambda = asked ? run.compactions[asked.compaction].lambda : NaN;
  return {
    columns: [
      "rank",
      "position",
      "token",
      "score",
      "importance",
      "redundancy",
      "λ·importance",
      "(1−λ)·redundancy",
      "margin",
      "verdict",
    ],
    rows: (found?.candidates ?? []).map((candidate, rank) => [
      rank + 1,
      candidate.position,
      run.texts[candidate.position] ?? "",
      candidate.score,
      candidate.importance,
      candidate.redundancy,
      lambda * candidate.importance,
      (1 - lambda) * candidate.redundancy,
      found ? marginOf(candidate, found) : NaN,
      candidate.retained ? "retained" : "evicted",
    ]),
  };
}
