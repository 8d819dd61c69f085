/**
 * Notices an engine that hangs. A busy engine cannot answer a ping (inference blocks its thread),
 * so what counts is the time since it last got anything done.
 */
const secondWaitMillis = 5_000;
const leastTokenWaitMillis = 30_000;
const tokenTimesKept = 32;

export class ProgressWatchdog {
  private timer: NodeJS.Timeout | undefined;
  private lastProgress = Date.now();
  private readonly tokenMillis: number[] = [];
  private waitMillis: number;

  /**
   * @param firstWaitMillis how long the work may take until its first token or between two reports
   *   of its loading
   * @param onStall called once, with the milliseconds that nothing happened
   */
  constructor(
    private readonly firstWaitMillis: number,
    private readonly onStall: (millis: number) => void,
  ) {
    this.waitMillis = firstWaitMillis;
    this.wait(this.waitMillis);
  }

  /** Something got done that is not a token: a stage of loading, a piece of the prompt. */
  progress(): void {
    this.lastProgress = Date.now();
    this.waitMillis = this.firstWaitMillis;
    this.wait(this.waitMillis);
  }

  /** `count` tokens came since the last report. */
  tokens(count: number): void {
    const now = Date.now();
    this.tokenMillis.push((now - this.lastProgress) / Math.max(1, count));
    if (this.tokenMillis.length > tokenTimesKept) this.tokenMillis.shift();
    this.lastProgress = now;
    this.waitMillis = Math.max(leastTokenWaitMillis, 20 * median(this.tokenMillis));
    this.wait(this.waitMillis);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private wait(millis: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.waitOnceMore(), millis);
    this.timer.unref();
  }

  /** After a sleep of the machine the timer is due before the engine had its chance. */
  private waitOnceMore(): void {
    this.timer = setTimeout(() => this.onStall(Date.now() - this.lastProgress), secondWaitMillis);
    this.timer.unref();
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
