/** The short sweep that shows what a compaction evicts: down the layers, in a third of a second. */
import type { Store } from "../state/state";

const sweepMillis = 300;

/** Starts one when the moment has gone one compaction on; a jump, or reduced motion, starts none. */
export function sweepOnCompaction(store: Store): void {
  let before = store.state.compactions;
  let began = -Infinity;
  const step = () => {
    const sweep = Math.min(1, (performance.now() - began) / sweepMillis);
    store.update({ sweep });
    if (sweep < 1) requestAnimationFrame(step);
  };
  store.subscribe((changed) => {
    if (!changed.has("compactions")) return;
    const { compactions } = store.state;
    const isNext = compactions === before + 1 && !prefersStill();
    began = isNext ? performance.now() : -Infinity;
    before = compactions;
    step();
  });
}

function prefersStill(): boolean {
  return (
    document.body.classList.contains("vscode-reduce-motion") ||
    window.matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
