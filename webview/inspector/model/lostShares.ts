import type { Work } from "./pieces";
import { columnSpan, linesOf, rowsOfLine, type Grid } from "./retention";
import type { Run } from "./run";

/**
 * Share of the full run's attention that fell on evicted tokens, 0 to 1, cell by cell; NaN where
 * nothing was replayed.
 * @returns [lines, columns]
 */
export function* lostShares(run: Run, grid: Grid): Work<Float32Array> {
  const lines = linesOf(run, grid.byHead);
  const shares = new Float32Array(lines * grid.columns);
  for (let column = 0; column < grid.columns; column++, yield)
    for (let line = 0; line < lines; line++) {
      const rows = rowsOfLine(run, line, grid.byHead);
      shares[line * grid.columns + column] = meanLost(run, columnSpan(grid, column), rows);
    }
  return shares;
}

function meanLost(run: Run, [from, to]: [number, number], rows: [number, number]): number {
  let sum = 0;
  let count = 0;
  for (let position = from; position < to; position++) {
    const lost = run.divergences.meanLostAttention(position, ...rows);
    if (Number.isNaN(lost)) continue;
    sum += lost;
    count++;
  }
  return count === 0 ? NaN : sum / count;
}
