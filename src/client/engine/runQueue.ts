/** One run at a time, in the order they came: the engine decodes one answer, the others wait here. */
export class RunQueue {
  private last: Promise<unknown> = Promise.resolve();
  private length = 0;

  /** Calls onWait if others come first. Rejects with the signal's reason if aborted before its turn. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal, onWait: () => void): Promise<T> {
    if (this.length > 0) onWait();
    const before = this.last;
    const turn = unlessAborted(before, signal).then(work);
    this.last = Promise.allSettled([before, turn]);
    this.length += 1;
    try {
      return await turn;
    } finally {
      this.length -= 1;
    }
  }
}

/** Like the promise, but rejects with the signal's reason once it is aborted, or if it was before. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
