/** A token's life: who held it, compaction after compaction. */
import { never } from "./evictions";
import { linesOf, rowsOfLine } from "./retention";
import type { Run } from "./run";

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
