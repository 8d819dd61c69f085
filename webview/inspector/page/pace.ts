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

const intervalMillis = 800;

/** Calls some time after it was first asked to, and not more often. */
export function atIntervals(callback: () => void): () => void {
  return sparingly(callback, (call) => setTimeout(call, intervalMillis));
}

/** Calls at most once a frame. */
export function onceAFrame(callback: () => void): () => void {
  return sparingly(callback, requestAnimationFrame);
}

function sparingly(callback: () => void, later: (call: () => void) => void): () => void {
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

/** A hidden page has no frames. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === "hidden") resolve();
    else requestAnimationFrame(() => resolve());
  });
}
