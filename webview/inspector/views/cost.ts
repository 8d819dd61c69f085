import { line, max, mean, scaleLinear } from "d3";
import { layer, makeFigure, paintPixels, prepare, rule, write } from "../figure";
import { quoted, score, share } from "../model/numbers";
import { rowsOfLine } from "../model/retention";
import { select, visibleRange } from "../state";
import type { Context, View } from "../view";

const margin = { top: 24, right: 14, bottom: 30, left: 54 };

/** What forgetting cost: divergence from a full cache along the text, and attention that was lost. */
export function cost(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Divergence from the full cache along the text.");
  const x = scaleLinear();

  function draw(): void {
    const canvas = prepare(figure);
    if (!canvas) return;
    const { run, selected } = store.state;
    const { divergences } = run;
    if (!divergences.exist) {
      figure.svg.selectAll("g").remove();
      const [at, middle] = [figure.width / 2, figure.height / 2];
      write(layer(figure, "empty"), [
        { x: at, y: middle - 8, text: "Not replayed yet.", anchor: "middle", kind: "strong" },
        {
          x: at,
          y: middle + 12,
          text: "A replay with the full cache finds what forgetting changed.",
          anchor: "middle",
        },
      ]);
      return;
    }
    layer(figure, "empty").remove();
    x.domain(visibleRange(store.state)).range([margin.left, figure.width - margin.right]);
    const middle = margin.top + (figure.height - margin.top - margin.bottom) * 0.5;
    const kl = divergences.kl.values;
    const y = scaleLinear([0, max(kl) || 1], [middle - 12, margin.top]);
    const path = line<number>(
      (_, position) => x(position + 0.5),
      (value) => y(value),
    ).defined((value) => Number.isFinite(value));
    layer(figure, "kl")
      .selectAll("path")
      .data([path(kl)])
      .join("path")
      .attr("class", "divergence")
      .attr("d", (d) => d);
    paintLost(canvas, middle + 10, figure.height - margin.bottom);
    const first = divergences.firstOtherToken;
    const marks = [
      { position: first, kind: "spared-line" },
      { position: selected, kind: "hairline" },
    ].filter(({ position }) => position !== undefined);
    rule(
      layer(figure, "marks"),
      marks.map(({ position = 0, kind }) => ({
        x1: x(position + 0.5),
        x2: x(position + 0.5),
        y1: margin.top - 6,
        y2: figure.height - margin.bottom,
        kind,
      })),
    );
    write(layer(figure, "words"), [
      { x: margin.left, y: 14, text: "KL(full ‖ evicted), nats", kind: "strong" },
      { x: margin.left - 6, y: y.range()[1] + 4, text: score(y.domain()[1]), anchor: "end" },
      { x: margin.left - 6, y: y(0) + 3, text: "0", anchor: "end" },
      { x: margin.left - 6, y: middle + 20, text: "L0", anchor: "end" },
      { x: margin.left, y: figure.height - 14, text: "attention lost to evicted tokens, by layer" },
      {
        x: figure.width - margin.right,
        y: 14,
        anchor: "end",
        kind: "mark-quiet",
        text: first === undefined ? "" : `full cache says otherwise first at ${first}`,
      },
    ]);
  }

  function paintLost(canvas: CanvasRenderingContext2D, top: number, bottom: number): void {
    const { run } = store.state;
    const [from, to] = visibleRange(store.state).map(Math.round);
    const columns = Math.max(1, to - from);
    const pixels = new Uint32Array(columns * run.header.layers);
    for (let index = 0; index < run.header.layers; index++) {
      const [first, end] = rowsOfLine(run, index, false);
      for (let column = 0; column < columns; column++) {
        const lost = run.divergences.meanLostAttention(from + column, first, end);
        if (lost >= 0)
          pixels[index * columns + column] =
            context.theme().similarPixels[Math.round(Math.min(1, Math.sqrt(lost)) * 255)];
      }
    }
    const [left, right] = x.range();
    paintPixels(canvas, pixels, columns, {
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
    });
  }

  figure.root.addEventListener("click", (event) => {
    if (store.state.run.divergences.exist) select(store, Math.floor(x.invert(event.offsetX)));
  });

  return {
    root: figure.root,
    needs: ["run", "version", "selected", "zoom", "theme"],
    draw,
    subtitle() {
      const { run, selected } = store.state;
      if (!run.divergences.exist) return "";
      const { kl } = run.divergences;
      if (selected === undefined) return `mean KL ${score(mean(kl.values) ?? NaN)} nats per token`;
      const lost = run.divergences.meanLostAttention(selected);
      return `${quoted(run.texts[selected])}: KL ${score(kl.at(selected))} nats, ${share(lost)} of attention lost`;
    },
    table() {
      const { run } = store.state;
      const layers = Array.from({ length: run.header.layers }, (_, index) => index);
      return {
        columns: [
          "position",
          "token",
          "KL, nats",
          "same token",
          ...layers.map((l) => `lost in L${l}`),
        ],
        rows: [...run.divergences.kl.values].map((value, position) => [
          position,
          run.texts[position],
          value,
          run.divergences.sameToken.at(position) === 1 ? "yes" : "no",
          ...layers.map((index) =>
            run.divergences.meanLostAttention(position, ...rowsOfLine(run, index, false)),
          ),
        ]),
      };
    },
  };
}
