import { line, max, mean, scaleLinear } from "d3";
import {
  canvasOf,
  curves,
  instead,
  layer,
  makeFigure,
  paintPixels,
  prepare,
  rule,
  write,
} from "../figure";
import { brief, quoted, score, share } from "../model/numbers";
import { lostShares } from "../model/lostShares";
import { columnSpan, linesOf, rowsOfLine, type Grid } from "../model/retention";
import { select, visibleRange } from "../state/state";
import { rowsMade, type Table } from "../scene/table";
import { nameOf } from "../state/traceData";
import type { Context, View } from "../view";
import { lineName } from "./retentionMap";

const margin = { top: 24, right: 14, bottom: 30, left: 54 };
/** Below it, in pixels, words are cut short. */
const narrow = 440;
/** What two words take, one above the other, in pixels. */
const twoWords = 24;

/** What forgetting cost: divergence from a full cache along the text, and attention that was lost. */
export function cost(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure("Divergence from the full cache along the text.");
  const x = scaleLinear();

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, version, zoom, byHead, theme } = store.state;
    if (instead(figure, run.divergences.exist ? "" : notReplayed)) return;
    x.domain(visibleRange(store.state)).range([margin.left, figure.width - margin.right]);
    const middle = (margin.top + figure.height - margin.bottom) / 2;
    const lost = lostNow();
    const canvas = canvasOf(figure, run, version, zoom, byHead, theme, lost);
    if (canvas) {
      drawDivergence(middle - 12);
      if (lost) paintLost(canvas, lost, middle + 10, figure.height - margin.bottom);
    }
    drawMarks();
  }

  function drawDivergence(floor: number): void {
    const { divergences } = store.state.run;
    const kl = divergences.kl.values;
    const y = scaleLinear([0, max(kl) || 1], [floor, margin.top]);
    const path = line<number>(
      (position) => x(position + 0.5),
      (position) => y(kl[position]),
    ).defined((position) => Number.isFinite(kl[position]));
    curves(layer(figure, "kl"), [{ d: path(peaks(kl, gridNow())), kind: "divergence" }]);
    const first = divergences.firstOtherToken;
    const edge = margin.left - 6;
    const isNarrow = figure.width < narrow;
    write(layer(figure, "words"), [
      {
        x: margin.left,
        y: 14,
        text: isNarrow ? "KL, nats" : "KL(full ‖ evicted), nats",
        kind: "strong",
      },
      { x: edge, y: margin.top + 4, text: brief(y.domain()[1]), anchor: "end" },
      { x: edge, y: floor + 3, text: "0", anchor: "end" },
      {
        x: margin.left,
        y: figure.height - 12,
        text: `attention lost to evicted tokens${isNarrow ? "" : " (square-root shade)"}`,
      },
      {
        x: figure.width - margin.right,
        y: 14,
        anchor: "end",
        kind: "mark-quiet",
        text: first === undefined ? "" : `full cache says otherwise first at ${first}`,
      },
    ]);
  }

  const gridNow = (): Grid => {
    const { byHead } = store.state;
    const [from, to] = visibleRange(store.state).map(Math.round);
    const columns = Math.min(to - from, Math.round(x.range()[1] - x.range()[0]));
    return { from, to, columns: Math.max(1, columns), byHead };
  };

  function lostNow(): Float32Array | undefined {
    const { run } = store.state;
    const grid = gridNow();
    const name = nameOf(run, "lost", run.version, ...Object.values(grid).map(String));
    return data.counted("lost", name, () => lostShares(run, grid));
  }

  /** Layer by layer, or head by head. */
  function paintLost(
    canvas: CanvasRenderingContext2D,
    lost: Float32Array,
    top: number,
    bottom: number,
  ): void {
    const { run, byHead } = store.state;
    const { columns } = gridNow();
    const lines = linesOf(run, byHead);
    const { similarPixels } = context.theme();
    const pixels = new Uint32Array(columns * lines);
    lost.forEach((share, cell) => {
      if (share >= 0) pixels[cell] = similarPixels[Math.round(Math.min(1, Math.sqrt(share)) * 255)];
    });
    const [left, right] = x.range();
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    paintPixels(canvas, pixels, columns, place);
    const first = { row: 0, y: top + 10 };
    const last = { row: lines - 1, y: bottom };
    const names = bottom - top > twoWords ? [first, last] : [first];
    write(
      layer(figure, "lines"),
      names.map(({ row, y }) => {
        return { x: left - 6, y, text: lineName(run, row, byHead), anchor: "end" };
      }),
    );
  }

  function drawMarks(): void {
    const { run, selected } = store.state;
    const [left, right] = x.range();
    const marks = [
      { position: run.divergences.firstOtherToken, kind: "spared-line" },
      { position: selected, kind: "hairline" },
    ].flatMap(({ position, kind }) => {
      const at = position === undefined ? NaN : x(position + 0.5);
      const shown = at >= left && at <= right;
      const [y1, y2] = [margin.top - 6, figure.height - margin.bottom];
      return shown ? [{ x1: at, x2: at, y1, y2, kind }] : [];
    });
    rule(layer(figure, "marks"), marks);
  }

  figure.root.addEventListener("click", (event) => {
    if (store.state.run.divergences.exist) select(store, Math.floor(x.invert(event.offsetX)));
  });

  return {
    root: figure.root,
    needs: ["run", "version", "selected", "zoom", "byHead", "theme"],
    draw,
    subtitle() {
      const { run, selected } = store.state;
      if (!run.divergences.exist) return "";
      const { kl } = run.divergences;
      if (selected === undefined) return `mean KL ${score(mean(kl.values) ?? NaN)} nats per token`;
      if (Number.isNaN(kl.at(selected))) return `${quoted(run.texts[selected])} was not predicted`;
      const lost = run.divergences.meanLostAttention(selected);
      return `${quoted(run.texts[selected])}: KL ${score(kl.at(selected))} nats, ${share(lost)} of attention lost`;
    },
    table: () => costTable(context),
  };
}

/** The position of the largest value in each column. */
function peaks(values: Float32Array, grid: Grid): number[] {
  return Array.from({ length: grid.columns }, (_, column) => {
    const [from, to] = columnSpan(grid, column);
    let peak = from;
    for (let position = from; position < to; position++)
      if (values[position] > values[peak] || Number.isNaN(values[peak])) peak = position;
    return peak;
  });
}

const notReplayed =
  "Not replayed yet. “Replay with full cache” forces the same tokens through a cache that evicts nothing, and finds what forgetting changed.";

function costTable({ store }: Context): Table {
  const { run } = store.state;
  const { divergences } = run;
  const lines = Array.from({ length: linesOf(run, true) }, (_, line) => line);
  return {
    columns: [
      "position",
      "token",
      "KL, nats",
      "same token",
      ...lines.map((line) => `lost in ${lineName(run, line, true)}`),
    ],
    rows: rowsMade(divergences.kl.length, (position) => [
      position,
      run.texts[position] ?? "",
      divergences.kl.at(position),
      divergences.sameToken.at(position) === 1 ? "yes" : "no",
      ...lines.map((line) =>
        divergences.meanLostAttention(position, ...rowsOfLine(run, line, true)),
      ),
    ]),
  };
}
