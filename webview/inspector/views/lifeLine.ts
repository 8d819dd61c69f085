import { scaleLinear } from "d3";
import { layer, paintPixels, write, type Figure } from "../figure";
import { never } from "../model/evictions";
import { linesOf, rowsOfLine } from "../model/retention";
import type { Run } from "../model/run";
import { pixel, type Theme } from "../scene/theme";
import type { Context } from "../view";

/** Room for a life line under a chart of that height; none where the chart would suffer. */
export function lifeLineHeight(height: number): number {
  return height < 170 ? 0 : Math.min(76, height * 0.28);
}

/** First compaction that the token lived to see: it was in the text by then. */
export function birth(run: Run, position: number): number {
  const first = run.compactions.findIndex((compaction) => compaction.position > position);
  return first < 0 ? run.compactions.length : first;
}

/** Cells of a life line each way at most; its picture has fewer pixels. */
const mostCells = 2048;

/**
 * A token's life: one column per compaction since it was decoded, one line per KV head; where
 * there are more than can be seen, one of several.
 * @returns [lines, columns] 1 held, 0.5 evicted in that compaction, 0 gone
 */
export function lifeLine(run: Run, position: number): { columns: number; cells: Float32Array } {
  const first = birth(run, position);
  const lived = run.compactions.length - first;
  const columns = Math.min(lived, mostCells);
  const lines = linesOf(run, true);
  const cells = new Float32Array(lines * columns);
  for (let line = 0; line < lines; line++) {
    const [row] = rowsOfLine(run, line, true);
    const at = run.evictions.evictedAt(row, position);
    for (let column = 0; column < columns; column++) {
      const compaction = first + Math.floor((column * lived) / columns);
      const state = at === never || compaction < at ? 1 : compaction === at ? 0.5 : 0;
      cells[line * columns + column] = state;
    }
  }
  return { columns, cells };
}

export interface Place {
  top: number;
  /** 0 where there is no room. */
  height: number;
  left: number;
  right: number;
}

const captionHeight = 18;

/** Paints the selected token's life under a chart. */
export function paintLife(
  canvas: CanvasRenderingContext2D,
  { store, theme }: Context,
  { top, height, left, right }: Place,
): void {
  const { run, selected } = store.state;
  if (selected === undefined || height === 0 || run.compactions.length === 0) return;
  const { columns, cells } = lifeLine(run, selected);
  const first = birth(run, selected);
  const floor = height - captionHeight;
  const place = { x: left, y: top + 6, width: right - left, height: floor - 6 };
  paintPixels(canvas, colours(cells, theme()), columns, place);
  const x = scaleLinear([first, run.compactions.length], [left, right]);
  const now = store.moment.compactions;
  canvas.fillStyle = theme().orange;
  if (now > first) canvas.fillRect(x(now) - 1, top + 3, 2, floor);
}

export function drawLifeWords(
  figure: Figure,
  { store }: Context,
  { top, height, left, right }: Place,
): void {
  const { run, selected } = store.state;
  const words = layer(figure, "life");
  if (selected === undefined || height === 0 || run.compactions.length === 0)
    return write(words, []);
  const bottom = top + height - captionHeight;
  write(words, [
    { x: left - 6, y: top + 15, text: "L0", anchor: "end" },
    { x: left - 6, y: bottom - 1, text: `L${run.header.layers - 1}`, anchor: "end" },
    { x: left, y: bottom + 13, text: `its life, from compaction ${birth(run, selected) + 1} on` },
    { x: right, y: bottom + 13, text: `${run.compactions.length}`, anchor: "end" },
  ]);
}

function colours(cells: Float32Array, theme: Theme): Uint32Array<ArrayBuffer> {
  const [gone, held, dying] = [theme.background, theme.held(0.72), theme.orange].map(pixel);
  return Uint32Array.from(cells, (state) => (state === 1 ? held : state === 0.5 ? dying : gone));
}
