import { line, max, scaleLinear } from "d3";
import { bytes, count, duration, percent, rate } from "../../common/format";
import {
  curves,
  frame,
  instead,
  isStale,
  layer,
  makeFigure,
  onePerPixel,
  prepare,
  rule,
  write,
  type Figure,
  type Words,
} from "../figure";
import { millis } from "../model/numbers";
import { neverFired } from "../page/banners";
import type { Run } from "../model/run";
import type { FiguresRecord } from "../../../src/shared/trace/records";
import { scrub, type State } from "../state/state";
import type { Context, View } from "../view";

const margin = { top: 22, right: 14, bottom: 22, left: 62 };
/** Height of a lane, in pixels, from which on its two numbers stand clear of each other. */
const lowestTold = 14;

/** Process memory and speed along the text, and what each compaction took. */
export function memory(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Speed, memory and time of compactions along the text.");
  const x = scaleLinear();

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, other, tokens, version, theme } = store.state;
    if (instead(figure, run.figures.length === 0 ? "This trace holds no figures." : "")) return;
    if (isStale(figure, run, other, version, theme)) drawRun(run);
    const at = x(tokens);
    rule(layer(figure, "moment"), [
      { x1: at, x2: at, y1: margin.top - 6, y2: figure.height - margin.bottom, kind: "moment" },
    ]);
  }

  function drawRun(run: Run): void {
    const { figures, compactions } = run;
    const lane = (figure.height - margin.top - margin.bottom + 16) / 3;
    x.domain([0, Math.max(1, run.tokens)]).range([margin.left, figure.width - margin.right]);
    curve(figure, "speed", "tokens/s", 0, lane, figures, (f) => f.tokensPerSecond, rate, x);
    curve(figure, "process", "process memory", 1, lane, figures, (f) => f.processBytes, bytes, x);
    const top = margin.top + 2 * lane;
    const slowest = max(compactions, (compaction) => compaction.millis) || 1;
    const y = scaleLinear([0, slowest], [top + lane - 20, top]);
    frame(
      layer(figure, "compactions"),
      onePerPixel(compactions, ({ position }) => x(position)).map(({ position, millis: took }) => ({
        x: x(position) - 1,
        y: y(took),
        width: 2,
        height: y(0) - y(took),
        kind: "bar-blue",
      })),
    );
    laneWords(figure, "compaction-words", "time of each compaction", millis(slowest), top, y(0));
    write(layer(figure, "tokens"), [
      { x: margin.left, y: figure.height - 6, text: "0" },
      { x: x(run.tokens), y: figure.height - 6, text: lengthWords(run), anchor: "end" },
    ]);
  }

  figure.root.addEventListener("click", (event) => scrub(store, x.invert(event.offsetX)));
  return {
    root: figure.root,
    needs: ["run", "other", "version", "tokens", "theme"],
    draw,
    subtitle() {
      const { run } = store.state;
      if (neverFired(run)) return "compression never fired";
      const spent = run.compactions.reduce((sum, { millis: took }) => sum + took, 0);
      const whole = run.end?.millis ?? run.figures.at(-1)?.millis ?? NaN;
      const words = `${millis(spent)} in compactions, of ${duration(whole)} in all`;
      return [words, againstFull(store.state)].filter(Boolean).join(" · ");
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

const lengthWords = ({ tokens }: Run): string => `${count(tokens)} tokens of text`;

/** How much longer or shorter the run became than the full-cache run that is laid beside it. */
function againstFull({ run, other }: Readonly<State>): string {
  if (!other || other.compactions.length > 0) return "";
  const share = Math.abs(run.tokens / Math.max(1, other.tokens) - 1);
  const than = run.tokens < other.tokens ? "shorter" : "longer";
  return `${percent(share)} ${than} than the full cache's ${count(other.tokens)} tokens`;
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
  const shown = onePerPixel(figures, ({ position }) => x(position));
  curves(layer(figure, name), [{ d: path(shown), kind: "held-edge" }]);
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
  const zero: Words = { x: margin.left - 7, y: floor + 2, text: "0", anchor: "end" };
  write(layer(figure, name), [
    { x: margin.left, y: top - 5, text: title, kind: "strong" },
    { x: margin.left - 7, y: top + 4, text: most, anchor: "end" },
    ...(floor - top > lowestTold ? [zero] : []),
  ]);
  rule(layer(figure, `${name}-floor`), [
    { x1: margin.left, x2: figure.width - margin.right, y1: floor, y2: floor, kind: "line" },
  ]);
}
