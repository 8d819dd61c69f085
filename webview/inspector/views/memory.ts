/** Process memory and speed along the text, and what each compaction took. */
import { sum } from "d3";
import { count, duration, percent } from "../../../src/shared/units";
import { millis } from "../model/numbers";
import type { Run } from "../model/run";
import { neverFired } from "../model/runWords";
import type { Scene, Size } from "../scene/scene";
import type { Table } from "../scene/table";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nothingToShow } from "./parts/absent";
import { lanesOf } from "./parts/lanes";

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
