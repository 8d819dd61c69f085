import { element } from "../../common/dom";
import { cellText, type Table } from "../scene/table";

/** Most rows and cells that a table on screen lists; an export has them all. */
const mostRows = 500;
const mostCells = 5_000;
/** Characters of a cell that it shows. */
const longestCell = 256;

export function tableElement(caption: string, { columns, rows }: Table): HTMLElement {
  const room = Math.max(1, Math.floor(mostCells / columns.length));
  const shown = Math.min(rows.length, mostRows, room);
  const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col" }, name)));
  const body = Array.from({ length: shown }, (_, index) =>
    element(
      "tr",
      {},
      ...(rows.at(index) ?? []).map((cell) =>
        element("td", {}, cellText(cell).slice(0, longestCell)),
      ),
    ),
  );
  const words =
    rows.length > shown ? `${caption}: the first ${shown} of ${rows.length} rows` : caption;
  return element(
    "table",
    {},
    element("caption", {}, words),
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}
