/**
 * Notices an engine that stands still as a whole: suspended, or on a machine so short of memory that
 * none of its threads runs. One that is merely busy goes on beating (src/engine/heartbeat.ts).
 */
import type { Readable } from "node:stream";

const tickMillis = 1_000;
/** An engine is given up after so many ticks without a beat. */
export const silentTicks = 7;

export class HeartbeatWatch {
  private readonly timer: NodeJS.Timeout;
  private silence = 0;

  /**
   * Silence is counted in ticks of this side's own clock: a machine that slept, or a host that was
   * kept busy itself, has ticked as little as the engine has beaten.
   * @param onSilence called once, with how many milliseconds no beat came
   */
  constructor(beats: Readable, onSilence: (millis: number) => void) {
    beats.on("data", () => (this.silence = 0));
    beats.on("error", () => undefined);
    this.timer = setInterval(() => {
      if (++this.silence === silentTicks) onSilence(this.silence * tickMillis);
    }, tickMillis);
    this.timer.unref();
  }

  dispose(): void {
    clearInterval(this.timer);
  }
}
