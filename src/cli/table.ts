/** Lines with columns set flush: the first ones to the left, figures to the right. */
export function table(head: string[], rows: string[][]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const isFigure = head.map((_, column) =>
    rows.every((row) => /^[\d.,+\-−–%e ]*$/.test(row[column])),
  );
  return all.map((row) =>
    row
      .map((cell, i) => (isFigure[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}
