import { scaleLinear } from "d3";
import { button } from "../../common/toolkit";
import {
  frame,
  layer,
  makeFigure,
  paintPixels,
  prepare,
  rule,
  write,
  type Figure,
} from "../figure";
import { fitting, textWidth } from "../labels";
import { quoted, share } from "../model/numbers";
import { evictedShares, heldShares, linesOf, rowsOfLine } from "../model/retention";
import type { Grid } from "../model/retention";
import { select, showRange, visibleRange, zoomAround } from "../state";
import { levelOf, pixel } from "../theme";
import type { Context, View } from "../view";
import { Sweep } from "../sweep";

const margin = { top: 24, right: 12, bottom: 34, left: 40 };

/** Every layer against every token: which share of its heads holds it at the moment. */
export function retentionMap(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Retention map. Arrow keys move the selected token and layer.");
  const x = scaleLinear();
  const y = scaleLinear();
  const sweep = new Sweep(context.redraw);
  const byHead = button({
    label: "KV heads",
    appearance: "secondary",
    onClick: () => store.update({ byHead: !store.state.byHead }),
  });
  byHead.classList.add("small");
  byHead.setAttribute("aria-pressed", "false");

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

  function draw(): void {
    const canvas = prepare(figure);
    if (!canvas) return;
    const { run, byHead: heads } = store.state;
    x.domain(visibleRange(store.state)).range([margin.left, figure.width - margin.right]);
    y.domain([0, linesOf(run, heads)]).range([margin.top, figure.height - margin.bottom]);
    byHead.setAttribute("aria-pressed", String(heads));
    paintCells(canvas);
    drawMarks(figure, context, x, y);
  }

  function paintCells(canvas: CanvasRenderingContext2D): void {
    const { run } = store.state;
    const { moment } = store;
    const theme = context.theme();
    const grid = gridOf();
    const lines = linesOf(run, grid.byHead);
    const cells = heldShares(run, grid, moment);
    const colours = new Uint32Array(cells.length);
    for (let cell = 0; cell < cells.length; cell++)
      if (cells[cell] >= 0) colours[cell] = theme.heldPixels[levelOf(cells[cell])];
    sweep.at(moment.compactions);
    if (sweep.progress < 1 && moment.compactions > 0) {
      const gone = evictedShares(run, grid, moment.compactions - 1);
      const flash = pixel(theme.orange);
      for (let cell = 0; cell < cells.length; cell++)
        if (gone[cell] > 0.2 && sweep.passes(Math.floor(cell / grid.columns) / lines))
          colours[cell] = flash;
    }
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
    parting(canvas, lines, theme.background);
  }

  /** A thin line between layers, and a hair between heads. */
  function parting(canvas: CanvasRenderingContext2D, lines: number, background: string): void {
    const { header } = store.state.run;
    const height = y(1) - y(0);
    canvas.fillStyle = background;
    for (let line = 1; line < lines; line++) {
      const isLayer = !store.state.byHead || line % header.kvHeads === 0;
      const thickness = isLayer ? Math.min(height / 4, store.state.byHead ? 2 : 1) : height / 12;
      canvas.fillRect(margin.left, y(line) - thickness / 2, x.range()[1] - margin.left, thickness);
    }
  }

  function pointed(event: { offsetX: number; offsetY: number }) {
    const position = Math.floor(x.invert(event.offsetX));
    const line = Math.floor(y.invert(event.offsetY));
    const { run, byHead: heads } = store.state;
    if (line < 0 || line >= linesOf(run, heads) || position < 0 || position >= run.tokens)
      return undefined;
    const [row] = rowsOfLine(run, line, heads);
    const { kvHeads } = run.header;
    return { position, line, layer: Math.floor(row / kvHeads), head: row % kvHeads };
  }

  listen(figure, context, pointed, () => x);
  return {
    root: figure.root,
    needs: [
      "run",
      "version",
      "tokens",
      "selected",
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
      return `${lines} × ${tokens} tokens · ${when}`;
    },
    table() {
      const { run, byHead: heads } = store.state;
      const [from, to] = visibleRange(store.state);
      const positions = { from: Math.floor(from), to: Math.min(Math.ceil(to), store.state.tokens) };
      const grid = { ...positions, columns: positions.to - positions.from, byHead: heads };
      const cells = heldShares(run, grid, store.moment);
      const lines = Array.from({ length: linesOf(run, heads) }, (_, line) => line);
      const names = lines.map((line) => lineName(line, heads, run.header.kvHeads));
      return {
        columns: ["position", "token", ...names],
        rows: Array.from({ length: grid.columns }, (_, column) => [
          grid.from + column,
          run.texts[grid.from + column],
          ...lines.map((line) => cells[line * grid.columns + column]),
        ]),
      };
    },
  };
}

export function lineName(line: number, byHead: boolean, kvHeads: number): string {
  return byHead ? `L${Math.floor(line / kvHeads)}·${line % kvHeads}` : `L${line}`;
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function drawMarks(figure: Figure, { store }: Context, x: Scale, y: Scale): void {
  const { run, tokens, selected, hovered, byHead } = store.state;
  const [left, right] = x.range();
  const [top, bottom] = y.range();
  const clip = (value: number) => Math.max(left, Math.min(right, value));
  drawSteps(figure, store.state.run.steps, x, top);
  const every = Math.max(1, Math.ceil(13 / (y(1) - y(0))));
  const perLabel = byHead ? Math.ceil(every / run.header.kvHeads) * run.header.kvHeads : every;
  write(
    layer(figure, "lines"),
    Array.from({ length: Math.ceil(y.domain()[1] / perLabel) }, (_, index) => index * perLabel).map(
      (line) => ({
        x: left - 7,
        y: (y(line) + y(byHead ? line + run.header.kvHeads : line + 1)) / 2 + 4,
        text: `L${byHead ? line / run.header.kvHeads : line}`,
        anchor: "end",
      }),
    ),
  );
  const window = run.compactions[store.moment.compactions - 1]?.window ?? 0;
  const boxes = [
    { from: 0, to: Math.min(run.promptTokens, tokens), kind: "prompt-frame" },
    { from: tokens - window, to: tokens, kind: "window-frame" },
  ].filter(({ from, to }) => to > from && clip(x(to)) > clip(x(from)));
  frame(
    layer(figure, "frames"),
    boxes.map(({ from, to, kind }) => ({
      x: clip(x(from)),
      y: top - 2,
      width: clip(x(to)) - clip(x(from)),
      height: bottom - top + 4,
      kind,
    })),
  );
  frame(
    layer(figure, "future"),
    clip(x(tokens)) < right
      ? [
          {
            x: clip(x(tokens)),
            y: top,
            width: right - clip(x(tokens)),
            height: bottom - top,
            kind: "undecoded",
          },
        ]
      : [],
  );
  drawSelection(figure, run.texts, [hovered, selected], x, y);
  drawFoot(figure, x, bottom, tokens, window);
  const line = byHead
    ? store.state.layer * run.header.kvHeads + store.state.head
    : store.state.layer;
  frame(layer(figure, "layer"), [
    { x: left - 3, y: y(line), width: 2, height: y(line + 1) - y(line), kind: "layer-mark" },
  ]);
}

function drawSteps(
  figure: Figure,
  steps: { from: number; to: number; kind: string }[],
  x: Scale,
  top: number,
) {
  const [left, right] = x.range();
  const inside = steps
    .map((step, index) => ({ ...step, index }))
    .filter(({ from, to }) => x(to) > left && x(from) < right);
  rule(
    layer(figure, "step-ticks"),
    inside
      .filter(({ from }) => x(from) >= left)
      .map(({ from }) => ({ x1: x(from), x2: x(from), y1: top - 7, y2: top - 2, kind: "line" })),
  );
  const labels = inside
    .map(({ from, to, kind, index }) => {
      const middle = (Math.max(left, x(from)) + Math.min(right, x(to))) / 2;
      const width = Math.min(right, x(to)) - Math.max(left, x(from));
      const long = kind === "prompt" ? "Prompt" : `Step ${index}`;
      const text = textWidth(long) < width || kind === "prompt" ? long : String(index);
      return { text, at: middle, width: textWidth(text), room: width };
    })
    .sort((a, b) => b.room - a.room);
  write(
    layer(figure, "step-names"),
    fitting(labels, right).map(({ text, at }) => ({ x: at, y: top - 11, text, anchor: "middle" })),
  );
}

function drawSelection(
  figure: Figure,
  texts: string[],
  positions: (number | undefined)[],
  x: Scale,
  y: Scale,
): void {
  const [left, right] = x.range();
  const [top, bottom] = y.range();
  const marks = positions.flatMap((position, index) => {
    if (position === undefined) return [];
    const at = (x(position) + x(position + 1)) / 2;
    const kind = index === 1 ? "mark" : "muted";
    return at >= left && at <= right ? [{ at, position, kind }] : [];
  });
  rule(
    layer(figure, "hairlines"),
    marks.map(({ at, kind }) => ({
      x1: at,
      x2: at,
      y1: top - 4,
      y2: bottom + 5,
      kind: kind === "mark" ? "hairline" : "hover-line",
    })),
  );
  const labels = marks.toReversed().map(({ at, position, kind }) => {
    const text = `${quoted(texts[position] ?? "")} at ${position}`;
    return { text, at, width: textWidth(text, 12), kind };
  });
  write(
    layer(figure, "selection-name"),
    fitting(labels, right).map(({ text, at, kind }) => ({
      x: at,
      y: bottom + 16,
      text,
      anchor: "middle",
      kind,
    })),
  );
}

function drawFoot(figure: Figure, x: Scale, bottom: number, tokens: number, window: number): void {
  const [left, right] = x.range();
  const middle = (Math.max(left, x(tokens)) + right) / 2;
  const words = [
    { text: `window of ${window}`, at: x(tokens - window / 2), width: 76, kind: "mark-quiet" },
    { text: "not yet decoded", at: middle, width: 90, kind: "muted" },
  ].filter(
    ({ text, at }) =>
      (text.startsWith("window") ? window > 0 : right - x(tokens) > 96) &&
      at >= left &&
      at <= right,
  );
  write(
    layer(figure, "foot"),
    fitting(words, right).map(({ text, at, kind }) => ({
      x: at,
      y: bottom + 30,
      text,
      anchor: "middle",
      kind,
    })),
  );
}

type Pointed = { position: number; line: number; layer: number; head: number } | undefined;

function listen(
  { root }: Figure,
  { store }: Context,
  pointed: (event: PointerEvent | WheelEvent) => Pointed,
  x: () => Scale,
): void {
  let grabbed: { at: number; range: [number, number]; moved: boolean } | undefined;
  root.addEventListener("pointerdown", (event) => {
    grabbed = { at: event.offsetX, range: visibleRange(store.state), moved: false };
    root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    const place = pointed(event);
    store.update({ hovered: place?.position });
    if (!grabbed || !store.state.zoom) return;
    const perToken = x()(1) - x()(0);
    const shift = (event.offsetX - grabbed.at) / perToken;
    grabbed.moved ||= Math.abs(event.offsetX - grabbed.at) > 3;
    if (grabbed.moved) showRange(store, grabbed.range[0] - shift, grabbed.range[1] - shift);
  });
  root.addEventListener("pointerup", (event) => {
    const place = grabbed?.moved ? undefined : pointed(event);
    grabbed = undefined;
    if (!place) return;
    store.update({ layer: place.layer, head: store.state.byHead ? place.head : store.state.head });
    select(store, place.position);
  });
  root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));
  root.addEventListener("dblclick", () => store.update({ zoom: undefined }));
  root.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) < Math.abs(event.deltaY))
        zoomAround(store, x().invert(event.offsetX), 2 ** (-event.deltaY / 300));
      else {
        const [from, to] = visibleRange(store.state);
        const shift = ((to - from) * (event.deltaX || event.deltaY)) / 1000;
        showRange(store, from + shift, to + shift);
      }
      event.preventDefault();
    },
    { passive: false },
  );
}

/** What a cell says, for the tooltip and the screen reader. */
export function cellWords({ store }: Context, position: number, layerIndex: number): string {
  const { run } = store.state;
  const { kvHeads } = run.header;
  const { moment } = store;
  const text = quoted(run.texts[position] ?? "");
  if (position >= moment.tokens) return `${text} at ${position}, not yet decoded`;
  const [from, to] = rowsOfLine(run, layerIndex, false);
  const inLayer = run.evictions.heldBy(position, moment.compactions, from, to);
  const all = run.evictions.heldBy(position, moment.compactions) / run.evictions.rowCount;
  return `${text} at ${position}: held by ${inLayer} of ${kvHeads} heads of layer ${layerIndex}, ${share(all)} of all heads`;
}
