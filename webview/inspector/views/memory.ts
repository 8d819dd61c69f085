import { line, max, scaleLinear } from "d3";
import { bytes, duration, rate } from "../../common/format";
import { frame, layer, makeFigure, prepare, rule, write, type Figure } from "../figure";
import { millis } from "../model/numbers";
import { neverFired } from "../banners";
import type { FiguresRecord } from "../../../src/shared/trace/records";
import { scrub } from "../state";
import type { Context, View } from "../view";

const margin = { top: 22, right: 14, bottom: 22, left: 62 };

/** Process memory and speed along the text, and what each compaction took. */
export function memory(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Speed, memory and time of compactions along the text.");
  const x = scaleLinear();

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, tokens } = store.state;
    if (run.figures.length === 0) {
      figure.svg.selectAll("g").remove();
      const place = { x: figure.width / 2, y: figure.height / 2, anchor: "middle" as const };
      write(layer(figure, "empty"), [{ ...place, text: "This trace holds no figures." }]);
      return;
    }
    layer(figure, "empty").remove();
    x.domain([0, Math.max(1, run.tokens)]).range([margin.left, figure.width - margin.right]);
    const lane = (figure.height - margin.top - margin.bottom + 16) / 3;
    const { figures, compactions } = run;
    curve(figure, "speed", "tokens/s", 0, lane, figures, (f) => f.tokensPerSecond, rate, x);
    curve(figure, "process", "process memory", 1, lane, figures, (f) => f.processBytes, bytes, x);
    const top = margin.top + 2 * lane;
    const slowest = max(compactions, (compaction) => compaction.millis) || 1;
    const y = scaleLinear([0, slowest], [top + lane - 20, top]);
    frame(
      layer(figure, "compactions"),
      compactions.map(({ position, millis: took }) => ({
        x: x(position) - 1,
        y: y(took),
        width: 2,
        height: y(0) - y(took),
        kind: "bar-blue",
      })),
    );
    laneWords(figure, "compaction-words", "time of each compaction", millis(slowest), top, y(0));
    rule(layer(figure, "moment"), [
      { x1: x(tokens), x2: x(tokens), y1: margin.top - 6, y2: y(0), kind: "moment" },
    ]);
  }

  figure.root.addEventListener("click", (event) => scrub(store, x.invert(event.offsetX)));
  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "theme"],
    draw,
    subtitle() {
      const { run } = store.state;
      if (neverFired(run)) return "compression never fired";
      const spent = run.compactions.reduce((sum, { millis: took }) => sum + took, 0);
      const whole = run.end?.millis ?? run.figures.at(-1)?.millis ?? NaN;
      return `${millis(spent)} in compactions, of ${duration(whole)} in all`;
    },
    table: () => ({
      columns: [
        "tokens",
        "ms since start",
        "KV bytes",
        "KV bytes of a full cache",
        "tokens/s",
        "process bytes",
      ],
      rows: store.state.run.figures.map((f) => [
        f.position,
        f.millis,
        f.kvBytes,
        f.kvBytesFull,
        f.tokensPerSecond,
        f.processBytes,
      ]),
    }),
  };
}

function curve(
  figure: Figure,
  name: string,
  title: string,
  index: number,
  height: number,
  figures: FiguresRecord[],
  value: (record: FiguresRecord) => number,
  words: (value: number) => string,
  x: ReturnType<typeof scaleLinear<number, number>>,
): void {
  const top = margin.top + index * height;
  const most = max(figures, value) || 1;
  const y = scaleLinear([0, most], [top + height - 20, top]);
  const path = line<FiguresRecord>(
    (record) => x(record.position),
    (record) => y(value(record)),
  );
  layer(figure, name)
    .selectAll("path")
    .data([path(figures)])
    .join("path")
    .attr("class", "held-edge")
    .attr("d", (d) => d);
  laneWords(figure, `${name}-words`, title, words(most), top, y(0));
}

function laneWords(
  figure: Figure,
  name: string,
  title: string,
  most: string,
  top: number,
  floor: number,
) {
  write(layer(figure, name), [
    { x: margin.left, y: top - 5, text: title, kind: "strong" },
    { x: margin.left - 7, y: top + 4, text: most, anchor: "end" },
    { x: margin.left - 7, y: floor + 2, text: "0", anchor: "end" },
  ]);
  rule(layer(figure, `${name}-floor`), [
    { x1: margin.left, x2: figure.width - margin.right, y1: floor, y2: floor, kind: "line" },
  ]);
}
