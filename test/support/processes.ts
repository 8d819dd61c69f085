/** Whether processes live, by their pid. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** False too for one that has ended and that its parent has not yet taken note of. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Milliseconds until it is gone; rejects if it is not within `most`. */
export async function goneAfter(pid: number, most: number): Promise<number> {
  const began = performance.now();
  while (lives(pid)) {
    if (performance.now() - began > most)
      throw new Error(`Process ${pid} still lives after ${most / 1000} s.`);
    await sleep(10);
  }
  return performance.now() - began;
}
