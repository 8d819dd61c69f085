/** The most memory that another process holds while it is watched; told by Linux alone. */
import { readFileSync, writeFileSync } from "node:fs";

const pollMillis = 20;

export class PeakMemory {
  private megabytes = NaN;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.forgetEarlier();
    // A process that dies takes its own count with it.
    this.timer = setInterval(() => this.look(), pollMillis);
  }

  /** Ends the watch; NaN where nothing could be seen. */
  end(): number {
    this.look();
    clearInterval(this.timer);
    return this.megabytes;
  }

  private look(): void {
    const found = /VmHWM:\s+(\d+) kB/.exec(this.read());
    if (found) this.megabytes = Math.max(this.megabytes || 0, Number(found[1]) / 1024);
  }

  private read(): string {
    try {
      return readFileSync(`/proc/${this.pid}/status`, "utf8");
    } catch {
      return "";
    }
  }

  private forgetEarlier(): void {
    try {
      writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
    } catch {
      // Not Linux, or not allowed: the peak is the process's own so far.
    }
  }
}
