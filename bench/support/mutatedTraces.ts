/** 20,000 mutated traces through the inspector's loader: none may throw, hang, or pile up memory. */
import { Random } from "../../src/shared/random";
import { mutants, survives } from "../../test/support/inspector/mutants";
import { printTable } from "./table";

const count = 20_000;

export async function mutateTraces(seed: number): Promise<void> {
  const next = await mutants(new Random(seed));
  for (let warm = 0; warm < 500; warm++) await survives(next());
  const before = process.memoryUsage().rss;
  let [refused, faults, slowest, most] = [0, 0, 0, before];
  for (let made = 0; made < count; made++) {
    const mutant = next();
    const began = performance.now();
    await survives(mutant).then(
      (isRead) => (refused += isRead ? 0 : 1),
      () => faults++,
    );
    slowest = Math.max(slowest, performance.now() - began);
    most = Math.max(most, process.memoryUsage.rss());
  }
  printTable("Mutated traces, read and counted", [
    {
      mutants: String(count),
      "refused at once": String(refused),
      "uncaught errors": String(faults),
      "slowest, ms": slowest.toFixed(1),
      "memory grown by, MiB": ((most - before) / 2 ** 20).toFixed(1),
    },
  ]);
}
