/** When to do what is asked for more often than it need be done. */

const restMillis = 120;

/** Calls when it has not been asked to for a moment. */
export function afterRest(callback: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    isWaiting: (): boolean => timer !== undefined,
    call: (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        callback();
      }, restMillis);
    },
  };
}

/** Calls so long after it was first asked to, and not more often. */
export function atIntervals(millis: number, callback: () => void): () => void {
  return sparingly(callback, (call) => setTimeout(call, millis));
}

/** Calls once for all that asked since the last call. */
export function sparingly(callback: () => void, later: (call: () => void) => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    later(() => {
      isWaiting = false;
      callback();
    });
  };
}
