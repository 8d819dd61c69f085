/** Paints the dense part of a picture on a canvas: matrices and bars. */
import { pixelsOf } from "./colours";
import { fills } from "./looks";
import { faint, partings } from "./partings";
import type { PlacedBars, PlacedCells } from "./picture";
import type { Cells } from "./scene";
import type { Theme } from "./theme";

export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * The matrix alone, one pixel a cell.
 *
 * @param sheet to be written over; a new one is dear
 */
export function sheetOf(
  cells: Cells,
  theme: Theme,
  sheet = new OffscreenCanvas(1, 1),
): OffscreenCanvas | undefined {
  const { columns, values } = cells;
  const lines = columns > 0 ? values.length / columns : 0;
  if (lines < 1) return undefined;
  const colour = pixelsOf(cells.scale, theme);
  const pixels = new Uint32Array(values.length);
  for (let cell = 0; cell < values.length; cell++) pixels[cell] = colour(values[cell]);
  if (sheet.width !== columns || sheet.height !== lines)
    Object.assign(sheet, { width: columns, height: lines });
  const bytes = new Uint8ClampedArray(pixels.buffer);
  sheet.getContext("2d")?.putImageData(new ImageData(bytes, columns, lines), 0, 0);
  return sheet;
}

const sheets = new WeakMap<object, OffscreenCanvas>();

export function paintCells(pen: Pen, placed: PlacedCells, theme: Theme): void {
  const { cells, box, within } = placed;
  const sheet = sheetOf(cells, theme, sheets.get(pen.canvas));
  if (!sheet) return;
  sheets.set(pen.canvas, sheet);
  pen.save();
  pen.beginPath();
  pen.rect(within.x, within.y, within.width, within.height);
  pen.clip();
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheet, box.x, box.y, box.width, box.height);
  pen.fillStyle = theme.background;
  for (const line of partings(placed)) pen.fillRect(line.x, line.y, line.width, line.height);
  pen.restore();
}

export function paintBars(pen: Pen, { rects, within }: PlacedBars, theme: Theme): void {
  pen.save();
  pen.beginPath();
  pen.rect(within.x - 1, within.y - 1, within.width + 2, within.height + 2);
  pen.clip();
  for (const { x, y, width, height, fill, isFaint } of rects) {
    pen.globalAlpha = isFaint ? faint : 1;
    pen.fillStyle = fills[fill](theme);
    pen.fillRect(x, y, width, height);
  }
  pen.restore();
}
