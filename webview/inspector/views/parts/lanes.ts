/** Speed, memory and time of compactions, one lane below the other. */
import { max } from "d3";
import type { FiguresRecord } from "../../../../src/shared/trace/records";
import { bytes, count, rate } from "../../../../src/shared/units";
import { millis } from "../../model/numbers";
import type { Run } from "../../model/run";
import { onePerPixel } from "../../scene/pixels";
import type { Mark, Plot, Point, Size, Word, Words } from "../../scene/scene";

interface Lane {
  title: string;
  marks: Mark[];
  most: number;
  words: (value: number) => string;
  below?: Words[];
}

export function lanesOf(run: Run, { width }: Size): Plot[] {
  const perToken = width / Math.max(1, run.tokens);
  const shown = onePerPixel(run.figures, ({ position }) => position * perToken);
  const curve = (value: (record: FiguresRecord) => number) => {
    const points = shown.map((record): Point => [record.position, value(record)]);
    const marks: Mark[] = [{ mark: "curve", points, look: "held-edge" }];
    return { marks, most: max(run.figures, value) || 1 };
  };
  const needles: Mark = { mark: "curve", points: needlesOf(run, perToken), look: "held-edge" };
  const slowest = max(run.compactions, (compaction) => compaction.millis) || 1;
  const compactions = { marks: [needles], most: slowest, words: millis, below: [ends(run)] };
  const lanes: Lane[] = [
    { title: "tokens/s", words: rate, ...curve((figures) => figures.tokensPerSecond) },
    { title: "process memory", words: bytes, ...curve((figures) => figures.processBytes) },
    { title: "time of each compaction", ...compactions },
  ];
  return lanes.map((lane, row) => plotOf(run, lane, row));
}

/** From 0 to what each compaction took, one after the other. */
function needlesOf({ compactions }: Run, perToken: number): Point[] {
  const shown = onePerPixel(compactions, ({ position }) => position * perToken);
  return shown.flatMap(({ position, millis: took }): Point[] => [
    [position, 0],
    [position, took],
    [NaN, NaN],
  ]);
}

function plotOf(run: Run, { title, marks, most, words, below }: Lane, row: number): Plot {
  const zero = { mark: "rule", y: 0, look: "line" } as const;
  const values = [
    { at: most, text: words(most) },
    { at: 0, text: "0" },
  ];
  return {
    place: { column: 0, row },
    least: row === 0 ? 0 : 6,
    x: { domain: [0, Math.max(1, run.tokens)] },
    y: { domain: [most, 0], labels: { values } },
    layers: [{ name: "lane", marks: [...marks, zero] }],
    above: [{ name: "title", words: [{ at: "start", text: title, look: "strong" }] }],
    below,
  };
}

function ends({ tokens }: Run): Words {
  const words: Word[] = [
    { at: "start", text: "0" },
    { at: "end", text: `${count(tokens)} tokens of text` },
  ];
  return { name: "tokens", words };
}
