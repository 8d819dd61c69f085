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
