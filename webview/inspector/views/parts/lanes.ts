/** Speed, memory and time of compactions, one lane below the other. */
import { max } from "d3";
import type { CompactionRecord, FiguresRecord } from "../../../../src/shared/trace/records";
import { bytes, count, rate } from "../../../../src/shared/units";
import { millis } from "../../model/numbers";
import { onePerPixel } from "../../scene/pixels";
import type { Mark, Plot, Point, Size, Span, Word, Words } from "../../scene/scene";
import { visibleRange, type State } from "../../state/state";

interface Lane {
  title: string;
  marks: Mark[];
  most: number;
  words: (value: number) => string;
  below?: Words[];
}

export function lanesOf(state: Readonly<State>, { width }: Size): Plot[] {
  const { run } = state;
  const [from, to] = visibleRange(state);
  const perToken = width / Math.max(1, to - from);
  const inSight = ({ position }: { position: number }) => position >= from && position <= to;
  const shown = onePerPixel(run.figures.filter(inSight), ({ position }) => position * perToken);
  const curve = (value: (record: FiguresRecord) => number) => {
    const points = shown.map((record): Point => [record.position, value(record)]);
    const marks: Mark[] = [{ mark: "curve", points, look: "held-edge" }];
    return { marks, most: max(run.figures, value) || 1 };
  };
  const fired = onePerPixel(run.compactions.filter(inSight), ({ position }) => position * perToken);
  const needles: Mark = { mark: "curve", points: needlesOf(fired), look: "held-edge" };
  const slowest = max(run.compactions, (compaction) => compaction.millis) || 1;
  const compactions = { marks: [needles], most: slowest, words: millis, below: [ends(from, to)] };
  const lanes: Lane[] = [
    { title: "tokens/s", words: rate, ...curve((figures) => figures.tokensPerSecond) },
    { title: "process memory", words: bytes, ...curve((figures) => figures.processBytes) },
    { title: "time of each compaction", ...compactions },
  ];
  return lanes.map((lane) => plotOf([from, to], lane));
}

/** From 0 to what each compaction took, one after the other. */
function needlesOf(compactions: CompactionRecord[]): Point[] {
  return compactions.flatMap(({ position, millis: took }): Point[] => [
    [position, 0],
    [position, took],
    [NaN, NaN],
  ]);
}

function plotOf(domain: Span, { title, marks, most, words, below }: Lane): Plot {
  const zero = { mark: "rule", y: 0, look: "line" } as const;
  const values = [
    { at: most, text: words(most) },
    { at: 0, text: "0" },
  ];
  return {
    least: 6,
    x: { domain },
    y: { domain: [most, 0], labels: { values } },
    layers: [{ name: "lane", marks: [...marks, zero] }],
    above: [{ name: "title", words: [{ at: "start", text: title, look: "strong" }] }],
    zooms: true,
    below,
  };
}

function ends(from: number, to: number): Words {
  const words: Word[] = [
    { at: "start", text: count(from) },
    { at: "end", text: `position ${count(to)}` },
  ];
  return { name: "positions", words };
}
