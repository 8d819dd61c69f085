import type { Moment } from "./moment";
import type { Run } from "./run";

/** What one cell of the map covers: rows of heads × a stretch of positions. */
export interface Grid {
  /** First position, and the first one past the last column. */
  from: number;
  to: number;
  columns: number;
  /** One line per layer, or one per KV head of each layer. */
  byHead: boolean;
}

export function linesOf(run: Run, byHead: boolean): number {
  return byHead ? run.evictions.rowCount : run.header.layers;
}

/** The rows [from, to) of the evictions that one line of a grid stands for. */
export function rowsOfLine(run: Run, line: number, byHead: boolean): [number, number] {
  const { kvHeads } = run.header;
  return byHead ? [line, line + 1] : [line * kvHeads, (line + 1) * kvHeads];
}

/** Positions [from, to) of a column; never empty. */
export function columnSpan({ from, to, columns }: Grid, column: number): [number, number] {
  const width = (to - from) / columns;
  const first = Math.floor(from + column * width);
  return [first, Math.max(first + 1, Math.floor(from + (column + 1) * width))];
}

/**
 * Share of slots held, 0 to 1, cell by cell; NaN where nothing was decoded yet.
 * @returns [lines, columns]
 */
export function heldShares(run: Run, grid: Grid, { tokens, compactions }: Moment): Float32Array {
  const lines = linesOf(run, grid.byHead);
  const { columns } = grid;
  const cells = new Float32Array(lines * columns);
  const ends = Uint32Array.from({ length: columns }, (_, c) => columnSpan(grid, c)[1]);
  const starts = Uint32Array.from({ length: columns }, (_, c) => columnSpan(grid, c)[0]);
  for (let line = 0; line < lines; line++) {
    const [firstRow, endRow] = rowsOfLine(run, line, grid.byHead);
    for (let row = firstRow; row < endRow; row++) {
      const at = run.evictions.row(row);
      for (let column = 0; column < columns; column++)
        cells[line * columns + column] += held(
          at,
          starts[column],
          Math.min(ends[column], tokens),
          compactions,
        );
    }
    for (let column = 0; column < columns; column++) {
      const slots = (endRow - firstRow) * (Math.min(ends[column], tokens) - starts[column]);
      cells[line * columns + column] /= slots > 0 ? slots : NaN;
    }
  }
  return cells;
}

/** Share of slots that one compaction evicted, cell by cell. @returns [lines, columns] */
export function evictedShares(run: Run, grid: Grid, compaction: number): Float32Array {
  const tokens = run.compactions[compaction].position;
  const before = heldShares(run, grid, { tokens, compactions: compaction });
  const after = heldShares(run, grid, { tokens, compactions: compaction + 1 });
  return before.map((share, cell) => share - after[cell]);
}

/** How many of the positions [from, to) a row holds; those past its end were never evicted. */
function held(at: Uint32Array, from: number, to: number, compactions: number): number {
  const known = Math.max(from, Math.min(to, at.length));
  let count = Math.max(0, to - known);
  for (let position = from; position < known; position++) if (at[position] >= compactions) count++;
  return count;
}
