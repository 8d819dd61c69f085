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

/** Lines of a grid, which no screen has more pixels for; beyond it a line stands for several rows. */
const mostLines = 2048;

export function linesOf(run: Run, byHead: boolean): number {
  return Math.min(mostLines, byHead ? run.evictions.rowCount : run.header.layers);
}

/** The rows [from, to) of the evictions that one line of a grid stands for. */
export function rowsOfLine(run: Run, line: number, byHead: boolean): [number, number] {
  const lines = linesOf(run, byHead);
  const first = (at: number): number => Math.ceil((at * run.evictions.rowCount) / lines);
  return [first(line), first(line + 1)];
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
    const { run, grid } = this;
    const change = tokens > this.moment.tokens ? 1 : -1;
    const from = Math.min(tokens, this.moment.tokens);
    const to = Math.max(tokens, this.moment.tokens);
    const others = undecidedOf(run, grid.byHead);
    const spans = lengthsWithin(grid, from, to);
    others.forEach((rows, line) => {
      if (rows === 0) return;
      for (let column = 0; column < grid.columns; column++)
        this.counts[line * grid.columns + column] += change * rows * spans[column];
    });
    for (const row of run.evictions.decidedRows())
      for (let position = from; position < to; position++)
        if (run.evictions.evictedAt(row, position) >= compactions) this.add(row, position, change);
  }

  private add(row: number, position: number, change: number): void {
    const cell = this.cellOf(row, position);
    if (cell >= 0) this.counts[cell] += change;
  }
}

/** The cells of any run, grid and moment; what is like the last one costs little. */
export class MovingCells {
  private cells: HeldCells | undefined;

  /** @returns [lines, columns] as `heldShares` */
  at(run: Run, grid: Grid, moment: Moment): Float32Array {
    if (!this.cells?.show(run, grid)) this.cells = new HeldCells(run, grid, moment);
    return this.cells.at(moment);
  }
}

/** Says in which cell a slot is counted; −1 where it is outside of the grid. */
function cellsOf(run: Run, grid: Grid): (row: number, position: number) => number {
  const { from, to, columns, byHead } = grid;
  const lines = linesOf(run, byHead);
  const { rowCount } = run.evictions;
  const columnOf = new Uint32Array(to - from);
  for (let column = 0; column < columns; column++) {
    const [first, end] = columnSpan(grid, column);
    columnOf.fill(column, first - from, end - from);
  }
  return (row, position) =>
    position < from || position >= to
      ? -1
      : Math.floor((row * lines) / rowCount) * columns + columnOf[position - from];
}

/** [lines] rows that hold everything, for their layers decided nothing. */
function undecidedOf(run: Run, byHead: boolean): number[] {
  return Array.from({ length: linesOf(run, byHead) }, (_, line) => {
    const [from, to] = rowsOfLine(run, line, byHead);
    return to - from - run.evictions.decidedRows(from, to).length;
  });
}

/** [columns] how many of each column's positions lie within [from, to). */
function lengthsWithin(grid: Grid, from: number, to: number): number[] {
  return Array.from({ length: grid.columns }, (_, column) => {
    const [first, end] = columnSpan(grid, column);
    return Math.max(0, Math.min(end, to) - Math.max(first, from));
  });
}

/** Slots held, cell by cell. @returns [lines, columns] */
function heldCounts(run: Run, grid: Grid, { tokens, compactions }: Moment): Uint32Array {
  const { columns } = grid;
  const lines = linesOf(run, grid.byHead);
  const counts = new Uint32Array(lines * columns);
  const [starts, ends] = spansOf(grid, tokens);
  const others = undecidedOf(run, grid.byHead);
  for (let line = 0; line < lines; line++) {
    const rows = run.evictions.decidedRows(...rowsOfLine(run, line, grid.byHead));
    const decided = rows.map((row) => run.evictions.row(row));
    for (let column = 0; column < columns; column++) {
      const [start, end] = [starts[column], ends[column]];
      let count = others[line] * Math.max(0, end - start);
      for (const at of decided) count += held(at, start, end, compactions);
      counts[line * columns + column] = count;
    }
  }
  return counts;
}

/** Divides counts by the slots that the cells have when the text is `tokens` long. */
function sharesOf(run: Run, grid: Grid, tokens: number, counts: Uint32Array): Float32Array {
  const { columns, byHead } = grid;
  const [starts, ends] = spansOf(grid, tokens);
  const shares = new Float32Array(counts.length);
  for (let line = 0; line < linesOf(run, byHead); line++) {
    const [from, to] = rowsOfLine(run, line, byHead);
    for (let column = 0; column < columns; column++) {
      const slots = Math.max(0, ends[column] - starts[column]) * (to - from) || NaN;
      shares[line * columns + column] = counts[line * columns + column] / slots;
    }
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
