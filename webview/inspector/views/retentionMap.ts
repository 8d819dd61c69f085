import { scaleLinear } from "d3";
import { element } from "../../common/dom";
import { count } from "../../common/format";
import { canvasOf, instead, makeFigure, paintPixels, prepare } from "../figure";
import { evictedShares, HeldCells, linesOf, rowsOfLine, type Grid } from "../model/retention";
import type { Run } from "../model/run";
import { visibleRange } from "../state/state";
import { Sweep } from "../page/sweep";
import { rowsMade, type Table } from "../scene/table";
import { levelOf, pixel } from "../scene/theme";
import type { Context, View } from "../view";
import { drawMapMarks } from "./mapMarks";
import { moveByPointer } from "./mapPointer";

const margin = { top: 24, right: 12, bottom: 34, left: 40 };

/** Every layer against every token: which share of its heads holds it at the moment. */
export function retentionMap(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Retention map. Arrow keys move the selected token and layer.");
  const x = scaleLinear();
  const y = scaleLinear();
  const sweep = new Sweep(draw);
  const byHead = element(
    "button",
    { class: "tool", onclick: () => store.update({ byHead: !store.state.byHead }) },
    "KV heads",
  );

  const gridOf = (): Grid => {
    const [from, to] = visibleRange(store.state);
    const pixels = Math.max(1, Math.round(x.range()[1] - x.range()[0]));
    const whole = { from: Math.floor(from), to: Math.ceil(to) };
    return {
      ...whole,
      columns: Math.min(pixels, whole.to - whole.from),
      byHead: store.state.byHead,
    };
  };

  let cells: HeldCells | undefined;
  const sharesNow = (grid: Grid): Float32Array => {
    const { run } = store.state;
    if (!cells?.show(run, grid)) cells = new HeldCells(run, grid, store.moment);
    return cells.at(store.moment);
  };

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, byHead: heads, version, tokens, zoom, theme } = store.state;
    if (instead(figure, run.tokens === 0 ? "No tokens yet." : "")) return;
    x.domain(visibleRange(store.state)).range([margin.left, figure.width - margin.right]);
    y.domain([0, linesOf(run, heads)]).range([margin.top, figure.height - margin.bottom]);
    byHead.setAttribute("aria-pressed", String(heads));
    sweep.at(store.moment.compactions);
    const canvas = canvasOf(figure, run, version, tokens, zoom, heads, theme, sweep.progress);
    if (canvas) paintCells(canvas);
    drawMapMarks(figure, store, x, y);
  }

  function paintCells(canvas: CanvasRenderingContext2D): void {
    const theme = context.theme();
    const grid = gridOf();
    const shares = sharesNow(grid);
    const colours = new Uint32Array(shares.length);
    for (let cell = 0; cell < shares.length; cell++)
      if (shares[cell] >= 0) colours[cell] = theme.heldPixels[levelOf(shares[cell])];
    paintSweep(colours, grid);
    canvas.save();
    canvas.beginPath();
    canvas.rect(margin.left, margin.top, x.range()[1] - margin.left, y.range()[1] - margin.top);
    canvas.clip();
    paintPixels(canvas, colours, grid.columns, {
      x: x(grid.from),
      y: margin.top,
      width: x(grid.to) - x(grid.from),
      height: y.range()[1] - margin.top,
    });
    canvas.restore();
    parting(canvas, theme.background);
  }

  /** Lights up what the last compaction evicted, where the sweep passes. */
  function paintSweep(colours: Uint32Array, grid: Grid): void {
    const { compactions } = store.moment;
    if (sweep.progress >= 1 || compactions === 0) return;
    const { run } = store.state;
    const lines = linesOf(run, grid.byHead);
    const gone = evictedShares(run, grid, compactions - 1);
    const flash = pixel(context.theme().orange);
    for (let line = 0; line < lines; line++) {
      if (!sweep.passes(line / lines)) continue;
      const [from, to] = [line * grid.columns, (line + 1) * grid.columns];
      for (let cell = from; cell < to; cell++) if (gone[cell] > 0.2) colours[cell] = flash;
    }
  }

  /** A thin line between layers, and a hair between heads. */
  function parting(canvas: CanvasRenderingContext2D, background: string): void {
    const { run, byHead: heads } = store.state;
    const height = y(1) - y(0);
    if (height < 1) return;
    canvas.fillStyle = background;
    for (let line = 1; line < linesOf(run, heads); line++) {
      const isLayer = !heads || (line * run.header.layers) % linesOf(run, heads) === 0;
      const thickness = isLayer ? Math.min(height / 4, heads ? 2 : 1) : height / 12;
      canvas.fillRect(margin.left, y(line) - thickness / 2, x.range()[1] - margin.left, thickness);
    }
  }

  moveByPointer(figure.root, store, x, y);
  return {
    root: figure.root,
    needs: [
      "run",
      "version",
      "tokens",
      "selected",
      "extent",
      "hovered",
      "layer",
      "head",
      "zoom",
      "byHead",
      "theme",
    ],
    tools: [byHead],
    draw,
    subtitle() {
      const { run, byHead: heads } = store.state;
      const lines = heads ? `${run.evictions.rowCount} KV heads` : `${run.header.layers} layers`;
      const { compactions, tokens } = store.moment;
      const when = compactions === 0 ? "before any compaction" : `after compaction ${compactions}`;
      return `${lines} × ${count(tokens)} tokens · ${when}`;
    },
    table: () => retentionTable(context),
  };
}

/** Of the first head, where a line stands for several. */
export function lineName(run: Run, line: number, byHead: boolean): string {
  if (!byHead) return `L${line}`;
  const [row] = rowsOfLine(run, line, byHead);
  const { kvHeads } = run.header;
  return `L${Math.floor(row / kvHeads)}·${row % kvHeads}`;
}

function retentionTable({ store }: Context): Table {
  const { run, byHead, tokens } = store.state;
  const [from, to] = visibleRange(store.state);
  const [first, end] = [Math.floor(from), Math.min(Math.ceil(to), tokens)];
  const { compactions } = store.moment;
  const shareOf = (line: number, position: number) => {
    const [top, bottom] = rowsOfLine(run, line, byHead);
    return Math.fround(run.evictions.heldBy(position, compactions, top, bottom) / (bottom - top));
  };
  const lines = Array.from({ length: linesOf(run, byHead) }, (_, line) => line);
  return {
    columns: ["position", "token", ...lines.map((line) => lineName(run, line, byHead))],
    rows: rowsMade(Math.max(0, end - first), (index) => [
      first + index,
      run.texts[first + index],
      ...lines.map((line) => shareOf(line, first + index)),
    ]),
  };
}
