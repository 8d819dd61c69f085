/** Waiting for the page's next picture. */
import { sparingly } from "./pace";

/** Calls at most once a frame. */
export function onceAFrame(callback: () => void): () => void {
  return sparingly(callback, requestAnimationFrame);
}

/** A hidden page has no frames. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState === "hidden") resolve();
    else requestAnimationFrame(() => resolve());
  });
}
