/** When what is drawn: at once, or, where it takes time, when the moment rests. */
import type { Store } from "../state/state";
import { afterRest, atIntervals } from "./pace";

export interface Drawn {
  draw(): void;
  /** Whether it reads scores or keys, or counts long. */
  readonly takesTime: boolean;
}

/** What a moment that moves changes, and nothing else. */
const moving: ReadonlySet<string> = new Set([
  "tokens",
  "compactions",
  "following",
  "sweep",
  "version",
]);

/** A move so long after another one is not the same drag. */
const clickMillis = 500;

/** What takes time goes along with a run that is written. */
const liveMillis = 800;
/** And with a file that takes long to read, where reading is to go on. */
const readingMillis = 2500;

export class Redraw {
  private readonly moved = afterRest(() => this.waiting());
  private lastMove = -Infinity;
  private readonly nowAndThen = atIntervals(liveMillis, () => this.waiting());
  private readonly meanwhile = atIntervals(readingMillis, () =>
    this.draw(({ takesTime }) => takesTime),
  );

  /**
   * @param all everything that draws
   * @param isReading whether a file is being read: scores and keys are not read from all over it
   */
  constructor(
    private readonly store: Store,
    private readonly all: () => Iterable<Drawn>,
    private readonly isReading: () => boolean,
  ) {
    store.subscribe((changed) => this.follow(changed));
  }

  everything(): void {
    this.draw(() => true);
  }

  /**
   * What was read or counted is drawn at once, but not for a moment that moves on. While a file is
   * read, the moment goes along: what takes time would ask for the newest one with each answer.
   */
  arrived(): void {
    const isHeldUp = this.isHeldUp();
    this.draw(({ takesTime }) => !((isHeldUp || this.moved.isWaiting()) && takesTime));
    if (isHeldUp) this.meanwhile();
  }

  /** What waited. */
  waiting(): void {
    if (!this.isHeldUp()) this.draw(({ takesTime }) => takesTime);
  }

  private isHeldUp(): boolean {
    return !this.store.state.live && this.isReading();
  }

  private follow(changed: ReadonlySet<string>): void {
    const isMoving = [...changed].every((key) => moving.has(key));
    this.draw(({ takesTime }) => !(isMoving && takesTime));
    if (!isMoving) return;
    if (changed.has("version")) this.nowAndThen();
    else if (changed.has("tokens")) this.moveOn();
  }

  /** After a click, what takes time is asked for at once; while somebody drags, at rest. */
  private moveOn(): void {
    const now = performance.now();
    if (now - this.lastMove > clickMillis) this.waiting();
    this.lastMove = now;
    this.moved.call();
  }

  private draw(which: (drawn: Drawn) => boolean): void {
    for (const drawn of this.all()) if (which(drawn)) drawn.draw();
  }
}
