import { element } from "../common/dom";
import { cellText, type Table } from "./table";

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
