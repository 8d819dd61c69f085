/** A process that takes, holds and lets go of file locks when it is told to. */
import { open, rm } from "node:fs/promises";
import { FileLock } from "../../src/disk/fileLock";

export type Order =
  /** at: milliseconds since 1970 to begin at, so that all racers begin together. */
  | { kind: "take"; file: string; at: number }
  | { kind: "release" }
  /** Takes and lets go until then, and counts the times when it was not alone. */
  | { kind: "fight"; file: string; until: number };

export interface Report {
  won: number;
  notAlone: number;
}

let held: FileLock | undefined;

async function obey(order: Order): Promise<Report> {
  switch (order.kind) {
    case "take":
      while (Date.now() < order.at);
      held = await FileLock.take(order.file);
      return { won: held ? 1 : 0, notAlone: 0 };
    case "release":
      await held?.release();
      held = undefined;
      return { won: 0, notAlone: 0 };
    case "fight":
      return fight(order.file, order.until);
    default:
      return order satisfies never;
  }
}

async function fight(file: string, until: number): Promise<Report> {
  const report = { won: 0, notAlone: 0 };
  while (Date.now() < until) {
    const lock = await FileLock.take(file);
    if (!lock) continue;
    report.won += 1;
    // Only one at a time can make this file, so whoever finds it is not alone.
    const witness = await open(`${file}.witness`, "wx").catch(() => undefined);
    if (witness) await witness.close().then(() => rm(`${file}.witness`));
    else report.notAlone += 1;
    await lock.release();
  }
  return report;
}

process.on("message", (order: Order) => {
  obey(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
