import { csvFormatRows } from "d3";
import { element } from "../common/dom";

/** A view's numbers, for those who read rather than look; also what CSV export writes. */
export interface Table {
  columns: string[];
  /** As they are in the trace: not rounded, without units. */
  rows: (string | number)[][];
  /** Rows there would be, where they are too many to list. */
  total?: number;
}

/** Most rows that a table on screen lists; an export has them all. */
export const mostRows = 500;

export function tableElement(caption: string, { columns, rows, total }: Table): HTMLElement {
  const shown = rows.slice(0, mostRows);
  const all = total ?? rows.length;
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = shown.map((row) =>
    element("tr", {}, ...row.map((cell) => element("td", {}, cellText(cell)))),
  );
  const words =
    all > shown.length ? `${caption}: the first ${shown.length} of ${all} rows` : caption;
  return element(
    "table",
    {},
    element("caption", {}, words),
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}

export function csv({ columns, rows }: Table): string {
  return `${csvFormatRows([columns, ...rows.map((row) => row.map(cellText))])}\n`;
}

function cellText(cell: string | number): string {
  return typeof cell === "number" && Number.isNaN(cell) ? "" : String(cell);
}
