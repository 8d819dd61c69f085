/** Figures in words, for the table. */

/** “p50 3 ms, p95 7 ms, longest 12 ms” */
export function spread(millis: readonly number[]): string {
  if (millis.length === 0) return "none";
  const sorted = [...millis].sort((a, b) => a - b);
  const at = (share: number): string => inUnits(sorted[Math.floor((sorted.length - 1) * share)]);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`;
}

/** “12 loading, 3 done” */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

function inUnits(millis: number): string {
  return millis < 1_000 ? `${millis.toFixed(0)} ms` : `${(millis / 1_000).toFixed(1)} s`;
}
