import { scaleLinear } from "d3";
import {
  decisionAbsence,
  explained,
  explainedDecision,
  explainedName,
  explainedSimilarities,
} from "../state/explained";
import {
  canvasOf,
  instead,
  layer,
  makeFigure,
  prepare,
  rule,
  scoresAbsent,
  write,
  type Figure,
  type Instead,
} from "../figure";
import { fitting, textWidth } from "../scene/labels";
import { margin as marginOf, type Decision } from "../model/decision";
import { quoted, score } from "../model/numbers";
import { neighbours } from "../model/similarity";
import { select } from "../state/state";
import type { Context, View } from "../view";
import { drawLifeWords, lifeLineHeight, paintLife } from "./lifeLine";
import { drawAxis, drawCut, drawScore, margin, paintBars, type Scale, spanOf } from "./scoreMarks";

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

function emptyWords({ store, data }: Context): string | Instead {
  const { run } = store.state;
  if (run.compactions.length === 0) return "Nothing was evicted: no compaction has happened.";
  const asked = explained(store);
  if (!asked) return "No compaction yet at this moment.";
  return scoresAbsent(decisionAbsence(store.state, data, asked));
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

/** The near-duplicate of the selected token that its similarity did not count against. */
function sparedPosition({ store, data }: Context): number | undefined {
  const asked = explained(store);
  const found = asked && explainedSimilarities(store.state, data, asked);
  const slot = found?.positions.indexOf(store.state.selected ?? -1) ?? -1;
  if (!found || slot < 0) return undefined;
  const near = neighbours(found.values, found.order, slot, found.threshold);
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
