/** Waits that end: what a test waits for comes, or the test says what did not. */
import { setTimeout as sleep } from "node:timers/promises";

/** As the promise; rejects after so many milliseconds of real time, also under a mocked clock. */
export async function within<T>(millis: number, what: string, promise: Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(millis);
  const tooLate = new Promise<never>((_, reject) => {
    signal.onabort = () => reject(new Error(`${what}: not within ${millis / 1000} s.`));
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    signal.onabort = null;
  }
}

const betweenLooksMillis = 5;

/** Resolves when it is so, which is looked at again and again; rejects after so many milliseconds. */
export async function until(isSo: () => boolean, millis = 60_000): Promise<void> {
  const deadline = performance.now() + millis;
  while (!isSo()) {
    if (performance.now() > deadline)
      throw new Error(`Still not so after ${millis / 1000} s: ${isSo.toString()}`);
    await sleep(betweenLooksMillis);
  }
}
