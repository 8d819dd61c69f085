import { csvCell } from "../../src/shared/strangersText";

/** A view's numbers, for those who read rather than look; also what CSV export writes. */
export interface Table {
  columns: string[];
  /** As they are in the trace: not rounded, without units. */
  rows: (string | number)[][];
  /** Rows there would be, where they are too many to list. */
  total?: number;
}

/** As a file for spreadsheets, or with tabs as their clipboard has it. */
export function csv({ columns, rows }: Table, separator: "," | "\t" = ","): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(separator)}\n`).join("");
}

/** A cell as it is read: empty where there is no number. */
export function cellText(cell: string | number): string {
  return typeof cell === "number" && Number.isNaN(cell) ? "" : String(cell);
}
