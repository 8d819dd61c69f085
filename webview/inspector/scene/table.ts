import { csvCell } from "../../../src/shared/strangersText";
import type { Work } from "../model/pieces";

export type Row = (string | number)[];

/** Rows that need not be there before they are looked at; an array is such a thing too. */
export interface Rows {
  readonly length: number;
  at(index: number): Row | undefined;
}

/** A view's numbers, for those who read rather than look; also what CSV export writes. */
export interface Table {
  columns: string[];
  /** As they are in the trace: not rounded, without units. */
  rows: Rows;
}

/** Rows that are made one by one, when they are asked for. */
export function rowsMade(length: number, make: (index: number) => Row): Rows {
  return { length, at: (index) => (index < length ? make(index) : undefined) };
}

/** Lines that stand beside a picture, for those who read the table. */
export function listTable({
  lines,
}: {
  lines: readonly { words: string; detail?: string }[];
}): Table {
  return {
    columns: ["line", "detail"],
    rows: lines.map(({ words, detail = "" }) => [words, detail]),
  };
}

/** Cells that are written to one file at most. */
const mostCells = 10_000_000;

/** Throws a RangeError, ready to be shown, where the table is too large for one text. */
export function* csv({ columns, rows }: Table): Work<string> {
  if (rows.length * columns.length > mostCells)
    throw new RangeError(
      `This table has ${rows.length} rows of ${columns.length} columns, too many for one file: zoom in, or take the trace itself with rkv-lens trace FILE --csv.`,
    );
  const lines = [line(columns)];
  for (let index = 0; index < rows.length; index++, yield) lines.push(line(rows.at(index) ?? []));
  return `${lines.join("\n")}\n`;
}

/** With tabs between them, as a spreadsheet's clipboard has it. */
export function tabbed({ columns, rows }: Table): string {
  const all = Array.from({ length: rows.length }, (_, index) => rows.at(index) ?? []);
  return [columns, ...all].map((row) => line(row, "\t")).join("\n");
}

function line(row: Row, separator = ","): string {
  return row.map(csvCell).join(separator);
}

/** A cell as it is read: empty where there is no number. */
export function cellText(cell: string | number): string {
  return typeof cell === "number" && Number.isNaN(cell) ? "" : String(cell);
}
