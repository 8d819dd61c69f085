/** Process memory and speed along the text, and what each compaction took. */
import { max, sum } from "d3";
import type { FiguresRecord } from "../../../src/shared/trace/records";
import { bytes, count, duration, percent, rate } from "../../common/format";
import { millis } from "../model/numbers";
import type { Run } from "../model/run";
import { neverFired } from "../model/runWords";
import { onePerPixel } from "../scene/pixels";
import { nothingToShow, type Mark, type Plot, type Point } from "../scene/scene";
import type { Scene, Size, Word, Words } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import type { State } from "../state/state";

export function memory(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, tokens } = state;
  const table = () => figureTable(run);
  if (run.figures.length === 0)
    return nothingToShow({ text: "This trace holds no figures." }, table, sentence(state));
  const lanes = data.derive("lanes", () => lanesOf(state.run, size));
  const moment = { name: "moment", marks: [{ mark: "rule", x: tokens, look: "moment" } as const] };
  return {
    sentence: sentence(state),
    rows: [1, 1, 1],
    plots: lanes.map((lane) => ({
      ...lane,
      layers: [...(lane.layers ?? []), moment],
      at: (x) => ({ moment: x }),
    })),
    table,
  };
}

interface Lane {
  title: string;
  marks: Mark[];
  most: number;
  words: (value: number) => string;
  below?: Words[];
}

function lanesOf(run: Run, { width }: Size): Plot[] {
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

function sentence(state: Readonly<State>): string {
  const { run } = state;
  if (neverFired(run)) return "compression never fired";
  const spent = sum(run.compactions, (compaction) => compaction.millis);
  const whole = run.end?.millis ?? run.figures.at(-1)?.millis ?? NaN;
  const words = `${millis(spent)} in compactions, of ${duration(whole)} in all`;
  return [words, againstFull(state)].filter(Boolean).join(" · ");
}

/** How much longer or shorter the run became than the full-cache run that is laid beside it. */
function againstFull({ run, other }: Readonly<State>): string {
  if (!other || other.compactions.length > 0) return "";
  const share = Math.abs(run.tokens / Math.max(1, other.tokens) - 1);
  const than = run.tokens < other.tokens ? "shorter" : "longer";
  return `${percent(share)} ${than} than the full cache's ${count(other.tokens)} tokens`;
}

function figureTable({ figures }: Run): Table {
  return {
    columns: [
      "tokens",
      "ms since start",
      "KV bytes",
      "KV bytes of a full cache",
      "tokens/s",
      "process bytes",
    ],
    rows: figures.map((figure) => [
      figure.position,
      figure.millis,
      figure.kvBytes,
      figure.kvBytesFull,
      figure.tokensPerSecond,
      figure.processBytes,
    ]),
  };
}
