import { scaleLinear } from "d3";
import {
  explained,
  explainedDecision,
  explainedName,
  explainedSimilarities,
  similarityAbsence,
  type Similarities,
} from "../state/explained";
import {
  absenceWords,
  canvasOf,
  frame,
  instead,
  layer,
  makeFigure,
  paintPixels,
  prepare,
  rule,
  write,
  type Instead,
} from "../figure";
import type { Candidate } from "../model/decision";
import { quoted } from "../model/numbers";
import { clusters, neighbours } from "../model/similarity";
import { select } from "../state/state";
import type { Theme } from "../scene/theme";
import type { Context, View } from "../view";

const margin = { top: 24, right: 30, bottom: 20, left: 8 };

/** Similarity of every two keys of one head; importance and redundancy stand at the margins. */
export function redundancyMap(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure("Key similarity. Arrow keys go to the next near-duplicate.");
  const x = scaleLinear();
  const y = scaleLinear();
  const asked = () => explained(store);

  const similarities = (): Similarities | undefined => {
    const wanted = asked();
    return wanted && explainedSimilarities(store.state, data, wanted);
  };

  function draw(): void {
    if (!prepare(figure)) return;
    const found = similarities();
    if (instead(figure, found ? "" : emptyWords(context)) || !found) return;
    const slots = found.positions.length;
    const side = Math.min(
      figure.width - margin.left - margin.right,
      figure.height - margin.top - margin.bottom,
    );
    x.domain([0, slots]).range([margin.left, margin.left + side]);
    y.domain([0, slots]).range([margin.top, margin.top + side]);
    const theme = context.theme();
    const canvas = canvasOf(figure, found, theme);
    if (canvas) {
      const square = { x: margin.left, y: margin.top, width: side, height: side };
      const cells = Math.min(slots, Math.max(1, Math.round(side * 2)));
      paintPixels(canvas, colours(found, theme, cells), cells, square);
      paintMargins(canvas, found);
      paintLegend(canvas, side);
    }
    drawSelection(found, side);
    drawLegend(found, side);
  }

  function paintMargins(canvas: CanvasRenderingContext2D, { positions }: Similarities): void {
    const wanted = asked();
    const made = wanted && explainedDecision(store.state, data, wanted);
    if (!made) return;
    const theme = context.theme();
    const most = (value: (candidate: Candidate) => number) =>
      made.candidates.reduce((top, candidate) => Math.max(top, value(candidate) || 0), 0) || 1;
    const [topImportance, topRedundancy] = [
      most(({ importance }) => importance),
      most(({ redundancy }) => redundancy),
    ];
    const cell = Math.max(1, x(1) - x(0));
    for (const { slot, importance, redundancy } of made.candidates) {
      if (slot >= positions.length) continue;
      const tall = (14 * (importance || 0)) / topImportance;
      canvas.fillStyle = theme.blue;
      canvas.fillRect(x(slot), margin.top - 3 - tall, cell, tall);
      canvas.fillStyle = theme.orangeFill;
      canvas.fillRect(x.range()[1] + 3, y(slot), (14 * (redundancy || 0)) / topRedundancy, cell);
    }
  }

  function drawSelection(
    { positions, values, order, threshold }: Similarities,
    side: number,
  ): void {
    const slot = positions.indexOf(store.state.selected ?? -1);
    const near = slot < 0 ? [] : neighbours(values, order, slot, threshold);
    const [left, top] = [margin.left, margin.top];
    rule(
      layer(figure, "cross"),
      slot < 0
        ? []
        : [
            { x1: left, x2: left + side, y1: y(slot + 0.5), y2: y(slot + 0.5), kind: "hairline" },
            { x1: x(slot + 0.5), x2: x(slot + 0.5), y1: top, y2: top + side, kind: "hairline" },
          ],
    );
    const cell = Math.max(5, x(1) - x(0));
    frame(
      layer(figure, "near"),
      near.map((neighbour) => ({
        x: x(neighbour.slot + 0.5) - cell / 2,
        y: y(slot + 0.5) - cell / 2,
        width: cell,
        height: cell,
        kind: neighbour.spared ? "spared" : "near",
      })),
    );
  }

  const legendLeft = (side: number) => margin.left + side + margin.right + 6;
  const isRoomy = (side: number) => figure.width - legendLeft(side) > 86;

  function paintLegend(canvas: CanvasRenderingContext2D, side: number): void {
    if (!isRoomy(side)) return;
    for (let level = 0; level < 60; level++) {
      canvas.fillStyle = context.theme().similar(1 - level / 59);
      canvas.fillRect(legendLeft(side), margin.top + 8 + level, 12, 1);
    }
  }

  function drawLegend({ threshold, positions, values, order }: Similarities, side: number): void {
    const slot = positions.indexOf(store.state.selected ?? -1);
    const near = slot < 0 ? [] : neighbours(values, order, slot, threshold);
    const spared = near.find((neighbour) => neighbour.spared);
    const texts = store.state.run.texts;
    const sparedName = spared ? positions[spared.slot] : undefined;
    const left = legendLeft(side);
    const lines = [
      "near-duplicate",
      `above ${threshold}`,
      ...(slot < 0 ? [] : [`${near.length} of ${quoted(texts[positions[slot]])}`]),
      ...(sparedName === undefined
        ? []
        : ["last is spared:", `${quoted(texts[sparedName])} at ${sparedName}`]),
    ];
    const linesTop = margin.top + 92;
    const room = Math.floor((figure.height - linesTop) / 15) + 1;
    // The first two are one phrase.
    const shown = room < 2 ? [] : lines.slice(0, room);
    write(
      layer(figure, "legend"),
      isRoomy(side)
        ? [
            { x: left + 18, y: margin.top + 18, text: "same key" },
            { x: left + 18, y: margin.top + 68, text: "unlike" },
            ...shown.map((text, index) => ({ x: left, y: linesTop + index * 15, text })),
          ]
        : [
            {
              x: margin.left,
              y: margin.top + side + 14,
              text:
                slot < 0
                  ? `cosine 0 to 1, near-duplicate above ${threshold}`
                  : `${near.length} near-duplicates${sparedName === undefined ? "" : `, spared at ${sparedName}`}`,
            },
          ],
    );
  }

  function pointed(event: PointerEvent | MouseEvent) {
    const found = similarities();
    const slot = Math.floor(x.invert(event.offsetX));
    const other = Math.floor(y.invert(event.offsetY));
    const known = found && slot in found.positions && other in found.positions;
    return known ? { column: found.positions[slot], line: found.positions[other] } : undefined;
  }
  figure.root.addEventListener("click", (event) => {
    const place = pointed(event);
    if (place) select(store, place.line);
  });
  figure.root.addEventListener("pointermove", (event) =>
    store.update({ hovered: pointed(event)?.column }),
  );
  figure.root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));

  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "selected", "layer", "head", "theme"],
    waitsForRest: true,
    draw,
    subtitle() {
      const wanted = asked();
      const found = similarities();
      if (!wanted || !found) return wanted ? explainedName(wanted) : "";
      return `${explainedName(wanted)} · ${found.positions.length} slots`;
    },
    table: () => neighbourTable(context, similarities()),
    onKey(event) {
      const found = similarities();
      const slot = found?.positions.indexOf(store.state.selected ?? -1) ?? -1;
      if (!found || slot < 0 || !event.key.startsWith("Arrow")) return false;
      const near = neighbours(found.values, found.order, slot, found.threshold)
        .map((neighbour) => neighbour.slot)
        .sort((a, b) => a - b);
      const isForward = event.key === "ArrowRight" || event.key === "ArrowDown";
      const next = isForward ? near.find((n) => n > slot) : near.findLast((n) => n < slot);
      if (next !== undefined) select(store, found.positions[next]);
      return true;
    },
  };
}

function emptyWords({ store, data }: Context): string | Instead {
  const { run, layer: index } = store.state;
  const asked = explained(store);
  if (!asked) return "No compaction yet at this moment.";
  if (!data.hasKeys(run, index)) return "This trace holds no keys.";
  return absenceWords(
    similarityAbsence(store.state, data, asked),
    "Reading the keys…",
    "This trace does not hold all keys of this compaction.",
  );
}

/**
 * Similarities below the threshold are dimmed, so that near-duplicates stand out.
 * @returns [cells, cells], each a slot or, where there are more of them, one of several
 */
function colours(
  { values, threshold, positions: { length: slots } }: Similarities,
  theme: Theme,
  cells: number,
): Uint32Array<ArrayBuffer> {
  const pixels = new Uint32Array(cells * cells);
  const slotOf = (cell: number) => Math.floor((cell * slots) / cells);
  for (let line = 0; line < cells; line++)
    for (let column = 0; column < cells; column++) {
      const value = values[slotOf(line) * slots + slotOf(column)];
      const shade = value > threshold ? 0.45 + 0.55 * value : Math.max(0, value) * 0.45;
      const level = Math.round(Math.max(0, Math.min(1, shade)) * 255);
      pixels[line * cells + column] = theme.similarPixels[level];
    }
  return pixels;
}

function neighbourTable({ store }: Context, found: Similarities | undefined) {
  const { run, selected } = store.state;
  const slots = found?.positions.length ?? 0;
  const slot = found?.positions.indexOf(selected ?? -1) ?? -1;
  if (!found || slot < 0) {
    const groups = found ? clusters(found.values, slots, found.threshold) : [];
    return {
      columns: ["cluster", "tokens", "positions"],
      rows: groups.map((members, index) => {
        const positions = members
          .map((member) => found?.positions[member] ?? 0)
          .sort((a, b) => a - b);
        const words = positions.map((position) => run.texts[position] ?? "").join(" ");
        return [index + 1, words, positions.join(" ")];
      }),
    };
  }
  return {
    columns: ["token", "position", "near-duplicate", "at", "cosine", "spared"],
    rows: neighbours(found.values, found.order, slot, found.threshold).map((neighbour) => {
      const position = found.positions[neighbour.slot];
      return [
        run.texts[selected ?? 0],
        selected ?? 0,
        run.texts[position] ?? "",
        position,
        neighbour.similarity,
        neighbour.spared ? "yes" : "",
      ];
    }),
  };
}
