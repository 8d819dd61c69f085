import { onceAFrame } from "./pace";

/** The short sweep that shows what a compaction evicts: down the layers, in a third of a second. */
const sweepMillis = 300;

export class Sweep {
  private compactions = 0;
  private began = -Infinity;

  private readonly redraw: () => void;

  constructor(draw: () => void) {
    this.redraw = onceAFrame(draw);
  }

  /** Starts when the moment has gone one compaction on; a jump, or reduced motion, starts none. */
  at(compactions: number): void {
    const isNext = compactions === this.compactions + 1;
    if (isNext && !prefersStill()) this.began = performance.now();
    else if (compactions !== this.compactions) this.began = -Infinity;
    this.compactions = compactions;
    if (this.progress < 1) this.redraw();
  }

  /** 0 to 1; 1 when there is nothing to show. */
  get progress(): number {
    return Math.min(1, (performance.now() - this.began) / sweepMillis);
  }

  /** Whether the sweep passes a height, 0 being the first layer and 1 the last. */
  passes(height: number): boolean {
    return Math.abs(this.progress * 1.3 - height) < 0.3;
  }
}

function prefersStill(): boolean {
  return (
    document.body.classList.contains("vscode-reduce-motion") ||
    window.matchMedia("(prefers-reduced-motion: reduce)").matches
  );
}
