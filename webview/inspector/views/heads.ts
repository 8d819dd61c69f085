import { scaleLinear, sum } from "d3";
import { percent } from "../../common/format";
import {
  canvasOf,
  frame,
  instead,
  layer,
  makeFigure,
  paintPixels,
  prepare,
  write,
} from "../figure";
import { headAgreement, layerAgreement, type Agreement } from "../model/agreement";
import { compositions, tokenKinds, type Composition, type TokenKind } from "../model/kinds";
import { levelOf, type Theme } from "../scene/theme";
import { textWidth } from "../scene/labels";
import { nameOf } from "../state/traceData";
import type { Context, View } from "../view";

const margin = { top: 34, right: 14, bottom: 20, left: 40 };
const agreementTitle = "agreement of heads";

/** Do heads agree, and what does each layer spend its slots on? */
export function heads(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure(
    "Agreement of heads, and what each layer holds. Arrow keys move the layer.",
  );
  const x = scaleLinear();
  const y = scaleLinear();

  const agreementNow = (): Agreement | undefined => {
    const { run } = store.state;
    const { tokens, compactions } = store.moment;
    return data.counted("agreement", nameOf(run, "agreement", tokens, compactions), () =>
      headAgreement(run, { tokens, compactions }),
    );
  };

  const compositionsNow = (): Composition[] | undefined => {
    const { run } = store.state;
    const { tokens, compactions } = store.moment;
    const window = run.compactions[compactions - 1]?.window ?? 0;
    return data.counted("kinds", nameOf(run, "kinds", tokens, compactions), () =>
      compositions(run, { tokens, compactions }, window),
    );
  };

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, version, tokens, theme } = store.state;
    const [agreement, slots] = [agreementNow(), compositionsNow()];
    const words = run.tokens === 0 ? "No tokens yet." : "Counting…";
    if (instead(figure, agreement && slots && run.tokens > 0 ? "" : words)) return;
    if (!agreement || !slots) return;
    const height = figure.height - margin.top - margin.bottom;
    const side = Math.min(height, (figure.width - margin.left - margin.right) * 0.46);
    y.domain([0, run.header.layers]).range([margin.top, margin.top + side]);
    const left = margin.left + Math.max(side, textWidth(agreementTitle, 12)) + 16;
    x.range([left, figure.width - margin.right]);
    const canvas = canvasOf(figure, run, version, tokens, theme, agreement, slots);
    if (canvas) {
      paintAgreement(canvas, side, agreement);
      paintKinds(canvas, slots);
    }
    drawWords(context.theme(), side, left);
  }

  function paintAgreement(
    canvas: CanvasRenderingContext2D,
    side: number,
    { rows, values }: Agreement,
  ): void {
    const { heldPixels } = context.theme();
    const pixels = Uint32Array.from(values, (value) => heldPixels[levelOf(value)]);
    const square = { x: margin.left, y: margin.top, width: side, height: side };
    paintPixels(canvas, pixels, rows.length, square);
  }

  function paintKinds(canvas: CanvasRenderingContext2D, slots: Composition[]): void {
    const colours = kindColours(context.theme());
    const gap = y(1) - y(0) > 5 ? 1 : 0;
    x.domain([0, Math.max(1, ...slots.map(total))]);
    slots.forEach((held, index) => {
      let from = 0;
      for (const kind of tokenKinds) {
        canvas.fillStyle = colours[kind];
        canvas.fillRect(x(from), y(index), x(held[kind]) - x(0), y(index + 1) - y(index) - gap);
        from += held[kind];
      }
    });
  }

  function drawWords(theme: Theme, side: number, left: number): void {
    const { run, layer: chosen } = store.state;
    const every = Math.max(1, Math.ceil(13 / (y(1) - y(0))));
    const labels = Array.from(
      { length: Math.ceil(run.header.layers / every) },
      (_, i) => i * every,
    );
    write(
      layer(figure, "lines"),
      labels.map((line) => ({
        x: margin.left - 7,
        y: y(line + 0.5) + 4,
        text: `L${line}`,
        anchor: "end",
      })),
    );
    write(layer(figure, "titles"), [
      { x: margin.left, y: 14, text: agreementTitle, kind: "strong" },
      { x: left, y: 14, text: "slots by kind", kind: "strong" },
    ]);
    const names = legend(left, figure.width - margin.right);
    frame(
      layer(figure, "keys"),
      names.map(({ kind, at }) => ({ x: at, y: 20, width: 8, height: 8, kind: `kind-${kind}` })),
    );
    layer(figure, "keys")
      .selectAll<SVGRectElement, unknown>("rect")
      .style("fill", (_, index) => kindColours(theme)[tokenKinds[index]]);
    write(
      layer(figure, "key-names"),
      names.map(({ kind, at }) => ({ x: at + 12, y: 28, text: kind })),
    );
    frame(layer(figure, "chosen"), [
      {
        x: margin.left - 1,
        y: y(chosen),
        width: side + 2,
        height: y(1) - y(0),
        kind: "selected-frame",
      },
    ]);
  }

  figure.root.addEventListener("click", (event) => {
    const line = Math.floor(y.invert(event.offsetY));
    if (line >= 0 && line < store.state.run.header.layers)
      store.update({ layer: line, supposed: {} });
  });

  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "layer", "theme"],
    waitsForRest: true,
    draw,
    subtitle() {
      const { run, layer: chosen } = store.state;
      const agreement = agreementNow();
      if (!agreement) return "";
      const within = layerAgreement(agreement, chosen, run.header.kvHeads);
      return `layer ${chosen}: its heads hold ${percent(within)} in common`;
    },
    table() {
      const { kvHeads } = store.state.run.header;
      const agreement = agreementNow();
      return {
        columns: ["layer", "agreement of its heads", ...tokenKinds.map((kind) => `${kind}, slots`)],
        rows: (compositionsNow() ?? []).map((held, index) => [
          index,
          agreement ? layerAgreement(agreement, index, kvHeads) : NaN,
          ...tokenKinds.map((kind) => held[kind]),
        ]),
      };
    },
  };
}

const total = (held: Composition): number => tokenKinds.reduce((sum, kind) => sum + held[kind], 0);

/** Kinds with the places of their names, moved left as far as all must be to end before `right`. */
function legend(left: number, right: number): { kind: TokenKind; at: number }[] {
  const widths = tokenKinds.map((kind) => textWidth(kind) + 24);
  const start = Math.min(left, right - sum(widths));
  return tokenKinds.map((kind, index) => ({ kind, at: start + sum(widths.slice(0, index)) }));
}

/** Kinds differ in lightness as well as hue. */
function kindColours(theme: Theme): Record<TokenKind, string> {
  return {
    sinks: theme.foreground,
    prompt: theme.similar(0.7),
    recent: theme.held(0.95),
    numbers: theme.held(0.65),
    other: theme.held(0.32),
  };
}
