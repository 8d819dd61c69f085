import { area, drag, line, scaleLinear, select } from "d3";
import { bytes } from "../../common/format";
import { element } from "../../common/dom";
import {
  curves,
  frame,
  instead,
  isStale,
  layer,
  makeFigure,
  onePerPixel,
  prepare,
  resized,
  rule,
  write,
  type Figure,
} from "../figure";
import { spread } from "../scene/labels";
import { bytesAt, momentAt } from "../model/moment";
import type { Run } from "../model/run";
import { scrub, visibleRange } from "../state/state";
import { stepLabels } from "../scene/stepLabels";
import type { Context, View } from "../view";

const margin = { top: 26, right: 14, bottom: 14, left: 62 };

/** One corner of the saw-tooth: bytes held when the text was so long. */
export interface Corner {
  tokens: number;
  held: number;
}

/** The cache over the text: it grows by a token at a time and falls at each compaction. */
export function sawTooth(run: Run, upTo: number, compactions = run.compactions): Corner[] {
  const corners: Corner[] = [{ tokens: 0, held: 0 }];
  for (const { position, bytesBefore, bytesAfter } of compactions) {
    if (position > upTo) break;
    corners.push({ tokens: position, held: bytesBefore }, { tokens: position, held: bytesAfter });
  }
  return [...corners, { tokens: upTo, held: bytesAt(run, momentAt(run, upTo)).held }];
}

/** The whole run: cache held under the full cache it would have been, steps, and the scrubber. */
export function runStrip(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Cache over the text. Arrow keys move the moment.");
  const strip = element("div", { class: "strip-slider", role: "slider", tabindex: 0 });
  strip.setAttribute("aria-label", "Moment, in tokens of text");
  strip.setAttribute("aria-valuemin", "0");
  figure.root.removeAttribute("tabindex");
  figure.root.setAttribute("role", "group");
  figure.root.append(strip);
  figure.root.addEventListener(resized, draw);
  const x = scaleLinear();
  drag<HTMLElement, unknown>()
    .container(() => figure.root)
    .on("start drag", (event: { x: number }) => scrub(store, x.invert(event.x)))(
    select<HTMLElement, unknown>(figure.root),
  );

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, tokens, version, zoom, theme } = store.state;
    strip.hidden = run.tokens === 0;
    if (instead(figure, run.tokens === 0 ? "No tokens yet." : "")) return;
    const floor = figure.height - margin.bottom;
    if (isStale(figure, run, version, zoom, theme)) {
      x.domain([0, Math.max(1, run.tokens)]).range([margin.left, figure.width - margin.right]);
      drawRun(figure, run, x, floor);
      drawZoom(figure, visibleRange(store.state), x, floor, zoom !== undefined);
    }
    clipPast(figure, x(tokens));
    placeScrubber(figure, strip, x(tokens), floor);
    strip.setAttribute("aria-valuemax", String(run.tokens));
    strip.setAttribute("aria-valuenow", String(tokens));
    const { compactions } = store.moment;
    strip.setAttribute("aria-valuetext", `${tokens} tokens, after compaction ${compactions}`);
  }

  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "zoom", "theme"],
    draw,
    subtitle: () => "",
    table: () => ({
      columns: ["tokens", "bytes held", "bytes of a full cache"],
      rows: sawTooth(store.state.run, store.state.run.tokens).map((corner) => [
        corner.tokens,
        corner.held,
        corner.tokens * store.state.run.header.bytesPerToken,
      ]),
    }),
  };
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function drawRun(figure: Figure, run: Run, x: Scale, floor: number): void {
  const { full } = bytesAt(run, momentAt(run, run.tokens));
  const y = scaleLinear([0, Math.max(full, 1)], [floor, margin.top]);
  drawBands(figure, run, x, floor);
  drawAreas(figure, run, x, y);
  drawAxis(figure, run, y);
  drawCompactions(figure, run, x, floor);
}

function drawBands(figure: Figure, run: Run, x: Scale, floor: number): void {
  const steps = run.steps;
  frame(
    layer(figure, "bands"),
    onePerPixel(
      steps.filter((_, index) => index % 2 === 0),
      ({ from }) => x(from),
    ).map(({ from, to }) => ({
      x: x(from),
      y: margin.top - 4,
      width: x(to) - x(from),
      height: floor - margin.top + 4,
      kind: "band",
    })),
  );
  const placed = steps.map(({ kind, from, to }, index) => {
    return { index, kind, left: x(from), right: x(to) };
  });
  write(
    layer(figure, "names"),
    stepLabels(placed, x.range()[1]).map(({ text, at }) => ({
      x: at,
      y: margin.top - 10,
      text,
      anchor: "middle",
    })),
  );
}

/** The whole run, pale; and what has passed of it, clipped at the moment. */
function drawAreas(figure: Figure, run: Run, x: Scale, y: Scale): void {
  const compactions = onePerPixel(run.compactions, ({ position }) => x(position));
  const corners = sawTooth(run, run.tokens, compactions);
  const held = area<Corner>(
    (corner) => x(corner.tokens),
    y(0),
    (corner) => y(corner.held),
  )(corners);
  const edge = line<Corner>(
    (corner) => x(corner.tokens),
    (corner) => y(corner.held),
  )(corners);
  const { full } = bytesAt(run, momentAt(run, run.tokens));
  const slope = `M${x(0)},${y(0)}L${x(run.tokens)},${y(full)}L${x(run.tokens)},${y(0)}Z`;
  curves(layer(figure, "future"), [
    { kind: "full future", d: slope },
    { kind: "held future", d: held },
  ]);
  curves(layer(figure, "past"), [
    { kind: "full", d: slope },
    { kind: "held", d: held },
    { kind: "held-edge", d: edge },
  ]);
}

function clipPast(figure: Figure, right: number): void {
  layer(figure, "past").style("clip-path", "url(#past)");
  figure.svg
    .selectAll("clipPath")
    .data([right])
    .join((enter) => enter.append("clipPath").attr("id", "past").each(appendRect))
    .select("rect")
    .attr("width", (width) => width)
    .attr("height", figure.height);
}

function appendRect(this: Element): void {
  this.append(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
}

function drawAxis(figure: Figure, run: Run, y: Scale): void {
  const last = run.compactions.at(-1);
  const values = [
    { text: bytes(y.domain()[1]), value: y.domain()[1] },
    ...(last ? [{ text: bytes(last.bytesAfter), value: last.bytesAfter }] : []),
    { text: "0", value: 0 },
  ];
  const heights = spread(
    values.map(({ value }) => y(value) + 4),
    13,
    y(0) + 4,
  );
  write(
    layer(figure, "axis"),
    values.map(({ text }, index) => ({
      x: margin.left - 8,
      y: heights[index],
      text,
      anchor: "end",
      kind: index === 1 && last ? "blue" : "muted",
    })),
  );
}

function drawCompactions(figure: Figure, run: Run, x: Scale, floor: number): void {
  rule(
    layer(figure, "ticks"),
    onePerPixel(run.compactions, ({ position }) => x(position)).map(({ position }) => ({
      x1: x(position),
      x2: x(position),
      y1: floor,
      y2: floor + 5,
      kind: "tick",
    })),
  );
}

function drawZoom(
  figure: Figure,
  [from, to]: [number, number],
  x: Scale,
  floor: number,
  zoomed: boolean,
): void {
  const place = { x: x(from), y: floor + 8, width: x(to) - x(from), height: 3 };
  frame(layer(figure, "zoom"), zoomed ? [{ ...place, kind: "zoomed" }] : []);
}

function placeScrubber(figure: Figure, slider: HTMLElement, x: number, floor: number): void {
  rule(layer(figure, "moment"), [
    { x1: x, x2: x, y1: margin.top - 6, y2: floor + 5, kind: "moment" },
  ]);
  slider.style.left = `${x}px`;
  slider.style.top = `${margin.top - 8}px`;
}
