import { cpus } from "node:os";

/** Prints rows under the machine they were measured on. */
export function printTable(title: string, rows: Record<string, string>[]): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() || process.arch}`;
  console.log(`${title}\n${machine}, Node ${process.version}, onnxruntime-node 1.30.0\n`);
  const columns = Object.keys(rows[0]);
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  console.log(line(columns));
  console.log(line(columns.map(() => "---")));
  for (const row of rows) console.log(line(columns.map((column) => row[column])));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export async function millisOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
