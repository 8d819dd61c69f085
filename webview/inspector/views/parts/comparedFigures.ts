import { bytes, rate } from "../../../../src/shared/units";
import { bytesAt, momentAt } from "../../model/moment";
import type { Run } from "../../model/run";
import type { Table } from "../../scene/table";

/** What two runs came to, side by side. */
export function figureTable(run: Run, other: Run | undefined): Table {
  const rows = other ? figures.map(([name, value]) => [name, value(run), value(other)]) : [];
  return { columns: ["", "this run", "the other"], rows };
}

const figures: [name: string, value: (run: Run) => string | number][] = [
  ["tokens", (run) => run.tokens],
  ["compactions", (run) => run.compactions.length],
  ["cache held at the end", (run) => bytes(bytesAt(run, momentAt(run, run.tokens)).held)],
  ["full cache", (run) => bytes(bytesAt(run, momentAt(run, run.tokens)).full)],
  ["speed, tokens/s", (run) => rate(run.figures.at(-1)?.tokensPerSecond ?? NaN)],
  ["stopped because", (run) => run.end?.stopReason ?? ""],
  ["last words", (run) => run.texts.slice(-12).join("")],
];
