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
import { linesOf, rowsOfLine } from "../model/retention";
import { select, visibleRange } from "../state";
import type { Context, View } from "../view";
import { lineName } from "./retentionMap";

const margin = { top: 24, right: 14, bottom: 30, left: 54 };
/** Below it, in pixels, words are cut short. */
const narrow = 440;
/** What two words take, one above the other, in pixels. */
const twoWords = 24;

/** What forgetting cost: divergence from a full cache along the text, and attention that was lost. */
export function cost(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Divergence from the full cache along the text.");
  const x = scaleLinear();

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, version, zoom, byHead, theme } = store.state;
    if (instead(figure, run.divergences.exist ? "" : notReplayed)) return;
    x.domain(visibleRange(store.state)).range([margin.left, figure.width - margin.right]);
    const middle = (margin.top + figure.height - margin.bottom) / 2;
    const canvas = canvasOf(figure, run, version, zoom, byHead, theme);
    if (canvas) {
      drawDivergence(middle - 12);
      paintLost(canvas, middle + 10, figure.height - margin.bottom);
    }
    drawMarks();
  }

  function drawDivergence(floor: number): void {
    const { divergences } = store.state.run;
    const kl = divergences.kl.values;
    const y = scaleLinear([0, max(kl) || 1], [floor, margin.top]);
    const path = line<number>(
      (_, position) => x(position + 0.5),
      (value) => y(value),
    ).defined((value) => Number.isFinite(value));
    curves(layer(figure, "kl"), [{ d: path(kl), kind: "divergence" }]);
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

  /** Layer by layer, or head by head. */
  function paintLost(canvas: CanvasRenderingContext2D, top: number, bottom: number): void {
    const { run, byHead } = store.state;
    const [from, to] = visibleRange(store.state).map(Math.round);
    const columns = Math.max(1, to - from);
    const lines = linesOf(run, byHead);
    const { similarPixels } = context.theme();
    const pixels = new Uint32Array(columns * lines);
    for (let row = 0; row < lines; row++)
      for (let column = 0; column < columns; column++) {
        const rows = rowsOfLine(run, row, byHead);
        const lost = run.divergences.meanLostAttention(from + column, ...rows);
        const level = Math.round(Math.min(1, Math.sqrt(lost)) * 255);
        if (lost >= 0) pixels[row * columns + column] = similarPixels[level];
      }
    const [left, right] = x.range();
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    paintPixels(canvas, pixels, columns, place);
    const first = { row: 0, y: top + 10 };
    const last = { row: lines - 1, y: bottom };
    const names = bottom - top > twoWords ? [first, last] : [first];
    write(
      layer(figure, "lines"),
      names.map(({ row, y }) => {
        return { x: left - 6, y, text: lineName(row, byHead, run.header.kvHeads), anchor: "end" };
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

const notReplayed =
  "Not replayed yet. “Replay with full cache” forces the same tokens through a cache that evicts nothing, and finds what forgetting changed.";

function costTable({ store }: Context) {
  const { run } = store.state;
  const { divergences, evictions, header } = run;
  const rows = Array.from({ length: evictions.rowCount }, (_, row) => row);
  const names = rows.map((row) => `lost in ${lineName(row, true, header.kvHeads)}`);
  return {
    columns: ["position", "token", "KL, nats", "same token", ...names],
    rows: Array.from(divergences.kl.values, (value, position) => [
      position,
      run.texts[position],
      value,
      divergences.sameToken.at(position) === 1 ? "yes" : "no",
      ...rows.map((row) => divergences.lostAttention(row, position)),
    ]),
  };
}
