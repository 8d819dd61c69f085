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
export function heldShares(run: Run, grid: Grid, moment: Moment): Float32Array {
  return sharesOf(run, grid, moment.tokens, heldCounts(run, grid, moment));
}

/** Share of slots that one compaction evicted, cell by cell. @returns [lines, columns] */
export function evictedShares(run: Run, grid: Grid, compaction: number): Float32Array {
  const counts = new Uint32Array(linesOf(run, grid.byHead) * grid.columns);
  const cellOf = cellsOf(run, grid);
  run.evictions.forEach(compaction, (row, position) => {
    const cell = cellOf(row, position);
    if (cell >= 0) counts[cell]++;
  });
  return sharesOf(run, grid, run.compactions[compaction].position, counts);
}

/** The cells at a moment that moves: each move counts only the slots that it changes. */
export class HeldCells {
  private readonly version: number;
  private readonly counts: Uint32Array;
  private readonly cellOf: (row: number, position: number) => number;

  constructor(
    private readonly run: Run,
    private readonly grid: Grid,
    private moment: Moment,
  ) {
    this.version = run.version;
    this.counts = heldCounts(run, grid, moment);
    this.cellOf = cellsOf(run, grid);
  }

  /** Whether they are the cells of this grid, and of all that the run has taken in. */
  show(run: Run, { from, to, columns, byHead }: Grid): boolean {
    const { grid } = this;
    return (
      this.run === run &&
      this.version === run.version &&
      grid.from === from &&
      grid.to === to &&
      grid.columns === columns &&
      grid.byHead === byHead
    );
  }

  /** @returns [lines, columns] as `heldShares` */
  at(moment: Moment): Float32Array {
    this.passCompactions(moment.compactions);
    this.passTokens(moment);
    this.moment = moment;
    return sharesOf(this.run, this.grid, moment.tokens, this.counts);
  }

  private passCompactions(to: number): void {
    const { tokens, compactions } = this.moment;
    const change = to > compactions ? -1 : 1;
    const count = (row: number, position: number) => {
      if (position < tokens) this.add(row, position, change);
    };
    for (let at = Math.min(compactions, to); at < Math.max(compactions, to); at++)
      this.run.evictions.forEach(at, count);
  }

  private passTokens({ tokens, compactions }: Moment): void {
    const { evictions } = this.run;
    const change = tokens > this.moment.tokens ? 1 : -1;
    const end = Math.max(tokens, this.moment.tokens);
    for (let position = Math.min(tokens, this.moment.tokens); position < end; position++)
      for (let row = 0; row < evictions.rowCount; row++)
        if (evictions.evictedAt(row, position) >= compactions) this.add(row, position, change);
  }

  private add(row: number, position: number, change: number): void {
    const cell = this.cellOf(row, position);
    if (cell >= 0) this.counts[cell] += change;
  }
}

/** Says in which cell a slot is counted; −1 where it is outside of the grid. */
function cellsOf(run: Run, grid: Grid): (row: number, position: number) => number {
  const { from, to, columns, byHead } = grid;
  const rowsPerLine = byHead ? 1 : run.header.kvHeads;
  const columnOf = new Uint32Array(to - from);
  for (let column = 0; column < columns; column++) {
    const [first, end] = columnSpan(grid, column);
    columnOf.fill(column, first - from, end - from);
  }
  return (row, position) =>
    position < from || position >= to
      ? -1
      : Math.floor(row / rowsPerLine) * columns + columnOf[position - from];
}

/** Slots held, cell by cell. @returns [lines, columns] */
function heldCounts(run: Run, grid: Grid, { tokens, compactions }: Moment): Uint32Array {
  const { columns } = grid;
  const lines = linesOf(run, grid.byHead);
  const counts = new Uint32Array(lines * columns);
  const [starts, ends] = spansOf(grid, tokens);
  for (let line = 0; line < lines; line++) {
    const [firstRow, endRow] = rowsOfLine(run, line, grid.byHead);
    for (let row = firstRow; row < endRow; row++) {
      const at = run.evictions.row(row);
      for (let column = 0; column < columns; column++)
        counts[line * columns + column] += held(at, starts[column], ends[column], compactions);
    }
  }
  return counts;
}

/** Divides counts by the slots that the cells have when the text is `tokens` long. */
function sharesOf(run: Run, grid: Grid, tokens: number, counts: Uint32Array): Float32Array {
  const { columns } = grid;
  const [starts, ends] = spansOf(grid, tokens);
  const rows = grid.byHead ? 1 : run.header.kvHeads;
  const shares = new Float32Array(counts.length);
  for (let column = 0; column < columns; column++) {
    const slots = Math.max(0, ends[column] - starts[column]) * rows || NaN;
    for (let cell = column; cell < counts.length; cell += columns)
      shares[cell] = counts[cell] / slots;
  }
  return shares;
}

/** First positions of the columns, and where they end in a text of `tokens`. */
function spansOf(grid: Grid, tokens: number): [Int32Array, Int32Array] {
  const { columns } = grid;
  const starts = Int32Array.from({ length: columns }, (_, c) => columnSpan(grid, c)[0]);
  const ends = Int32Array.from({ length: columns }, (_, c) =>
    Math.min(columnSpan(grid, c)[1], tokens),
  );
  return [starts, ends];
}

/** How many of the positions [from, to) a row holds; those past its end were never evicted. */
function held(at: Uint32Array, from: number, to: number, compactions: number): number {
  const known = Math.max(from, Math.min(to, at.length));
  let count = Math.max(0, to - known);
  for (let position = from; position < known; position++) if (at[position] >= compactions) count++;
  return count;
}
