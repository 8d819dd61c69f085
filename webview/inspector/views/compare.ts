import { scaleLinear } from "d3";
import { bytes, count, percent, rate } from "../../common/format";
import { canvasOf, instead, layer, makeFigure, paintPixels, prepare, rule, write } from "../figure";
import { agreementByLayer, anyEvicted, commonLength, obstacle } from "../model/comparison";
import { bytesAt, momentAt } from "../model/moment";
import { heldShares, type Grid } from "../model/retention";
import type { Run } from "../model/run";
import { chipWords } from "../page/header";
import { select } from "../state/state";
import { pixel } from "../scene/theme";
import { nameOf } from "../state/traceData";
import type { Context, View } from "../view";

const margin = { top: 36, right: 84, bottom: 24, left: 40 };

/** Two runs of one prompt: who holds what, as far as they say the same. */
export function compare(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure("Difference between two runs. Arrow keys move the selected token.");
  const x = scaleLinear();
  const y = scaleLinear();

  function agreementNow(other: Run): number[] | undefined {
    const { run, version } = store.state;
    const upTo = comparedUpTo(other);
    return data.counted("compare", nameOf(run, "layers", nameOf(other), upTo, version), () =>
      agreementByLayer(run, other, upTo),
    );
  }

  const comparedUpTo = (other: Run) =>
    Math.min(store.state.tokens, commonLength(store.state.run, other));

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, other, version, tokens, theme } = store.state;
    if (instead(figure, emptyWords(run, other)) || !other) return;
    const common = commonLength(run, other);
    x.domain([0, Math.max(1, common)]).range([margin.left, figure.width - margin.right]);
    y.domain([0, run.header.layers]).range([margin.top, figure.height - margin.bottom]);
    const agreement = agreementNow(other);
    const canvas = canvasOf(figure, run, other, version, tokens, theme, agreement);
    if (canvas) {
      paintDifference(canvas, run, other, common, Math.min(tokens, common));
      paintAgreement(canvas, agreement ?? []);
      drawWords(run, other, common);
    }
    drawSelection(common);
  }

  /** Layer by layer, at the right. */
  function paintAgreement(canvas: CanvasRenderingContext2D, agreement: number[]): void {
    const theme = context.theme();
    const bar = scaleLinear([0, 1], [x.range()[1] + 10, figure.width - 10]);
    agreement.forEach((value, index) => {
      canvas.fillStyle = theme.line;
      canvas.fillRect(bar(0), y(index) + 1, bar(1) - bar(0), y(1) - y(0) - 2);
      canvas.fillStyle = theme.blue;
      canvas.fillRect(bar(0), y(index) + 1, bar(value) - bar(0), y(1) - y(0) - 2);
    });
  }

  function drawWords(run: Run, other: Run, common: number): void {
    const every = Math.max(1, Math.ceil(13 / (y(1) - y(0))));
    const { layers } = run.header;
    const named = Array.from({ length: Math.ceil(layers / every) }, (_, index) => index * every);
    const settings = (one: Run) => chipWords({ ...store.state, run: one })[1] ?? "";
    write(layer(figure, "lines"), [
      ...named.map((index) => ({
        x: margin.left - 7,
        y: y(index + 0.5) + 4,
        text: `L${index}`,
        anchor: "end" as const,
      })),
      { x: x.range()[1] + 10, y: margin.top - 6, text: "agreement" },
      { x: margin.left, y: 13, text: `only this run: ${settings(run)}`, kind: "blue" },
      { x: margin.left, y: 28, text: `only the other: ${settings(other)}`, kind: "mark-quiet" },
      { x: margin.left, y: figure.height - 8, text: "grey: both" },
      {
        x: x.range()[1],
        y: figure.height - 8,
        text: `they part at ${count(common)}`,
        anchor: "end",
      },
    ]);
  }

  function drawSelection(common: number): void {
    const { selected } = store.state;
    const at = x((selected ?? 0) + 0.5);
    const hairline = { x1: at, x2: at, y1: margin.top, y2: y.range()[1], kind: "hairline" };
    rule(layer(figure, "marks"), selected === undefined || selected >= common ? [] : [hairline]);
  }

  function paintDifference(
    canvas: CanvasRenderingContext2D,
    run: Run,
    other: Run,
    common: number,
    tokens: number,
  ): void {
    const columns = Math.max(1, Math.min(common, Math.round(x.range()[1] - x.range()[0])));
    const grid: Grid = { from: 0, to: Math.max(1, common), columns, byHead: false };
    const [mine, others] = [run, other].map((one) => heldShares(one, grid, momentAt(one, tokens)));
    const theme = context.theme();
    const [only, both, theirs, gone] = [
      theme.difference(1),
      theme.difference(0),
      theme.difference(-1),
      theme.background,
    ];
    const mix = (a: number, b: number) => {
      if (!(a >= 0)) return 0;
      if (Math.max(a, b) < 0.01) return pixel(gone);
      if (Math.abs(a - b) < 0.25) return pixel(both);
      return pixel(a > b ? only : theirs);
    };
    const pixels = Uint32Array.from(mine, (value, cell) => mix(value, others[cell]));
    paintPixels(canvas, pixels, columns, {
      x: margin.left,
      y: margin.top,
      width: x.range()[1] - margin.left,
      height: y.range()[1] - margin.top,
    });
  }

  figure.root.addEventListener("click", (event) => {
    if (store.state.other) select(store, Math.floor(x.invert(event.offsetX)));
  });

  return {
    root: figure.root,
    needs: ["run", "other", "version", "tokens", "selected", "theme"],
    draw,
    subtitle() {
      const { run, other } = store.state;
      if (!other || emptyWords(run, other)) return "";
      const lengths = `lengths ${count(run.tokens)} and ${count(other.tokens)}`;
      if (!anyEvicted([run, other], comparedUpTo(other)))
        return `neither run has evicted anything at this moment · ${lengths}`;
      const agreement = agreementNow(other);
      if (!agreement) return lengths;
      const mean = agreement.reduce((sum, value) => sum + value, 0) / agreement.length;
      return `${percent(mean)} of what either holds is held by both · ${lengths}`;
    },
    table() {
      const { run, other } = store.state;
      return {
        columns: ["", "this run", "the other"],
        rows: other ? figureRows(run, other) : [],
      };
    },
  };
}

function emptyWords(run: Run, other: Run | undefined): string {
  if (!other) return "One run is open. Compare… lays another one of the same prompt beside it.";
  return obstacle(run, other) ?? "";
}

function figureRows(run: Run, other: Run): (string | number)[][] {
  const rows: [string, (one: Run) => string | number][] = [
    ["tokens", (one) => one.tokens],
    ["compactions", (one) => one.compactions.length],
    ["cache held at the end", (one) => bytes(bytesAt(one, momentAt(one, one.tokens)).held)],
    ["full cache", (one) => bytes(bytesAt(one, momentAt(one, one.tokens)).full)],
    ["speed, tokens/s", (one) => rate(one.figures.at(-1)?.tokensPerSecond ?? NaN)],
    ["stopped because", (one) => one.end?.stopReason ?? ""],
    ["last words", (one) => one.texts.slice(-12).join("")],
  ];
  return rows.map(([name, value]) => [name, value(run), value(other)]);
}
