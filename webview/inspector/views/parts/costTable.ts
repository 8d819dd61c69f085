import { linesOf, rowsOfLine } from "../../model/retention";
import type { Run } from "../../model/run";
import { rowsMade, type Table } from "../../scene/table";
import { lineName } from "./layers";

/** Figures as they were written; after a replay they stand beside what it found, token by token. */
export function costTable(run: Run): Table {
  return run.divergences.exist ? replayTable(run) : figureTable(run);
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

/** Whether the full cache would have chosen the same; nothing where it was not asked. */
const sameness = (same: number): string => (Number.isNaN(same) ? "" : same === 1 ? "yes" : "no");

function replayTable(run: Run): Table {
  const { divergences } = run;
  const lines = Array.from({ length: linesOf(run, true) }, (_, line) => line);
  const names = lines.map((line) => `lost in ${lineName(run, line, true)}`);
  const figures = new Map(run.figures.map((figure) => [figure.position, figure]));
  return {
    columns: ["position", "token", "KL, nats", "same token", "tokens/s", "process bytes", ...names],
    rows: rowsMade(divergences.kl.length, (position) => {
      const figure = figures.get(position);
      return [
        position,
        run.texts[position] ?? "",
        divergences.kl.at(position),
        sameness(divergences.sameToken.at(position)),
        figure?.tokensPerSecond ?? NaN,
        figure?.processBytes ?? NaN,
        ...lines.map((line) =>
          divergences.meanLostAttention(position, ...rowsOfLine(run, line, true)),
        ),
      ];
    }),
  };
}
