/** What another process took while it was watched: its most memory and its work. Told by Linux alone. */
import { readFileSync, writeFileSync } from "node:fs";

const pollMillis = 20;
const millisPerTick = 10;

export interface Taken {
  /** NaN where the system does not tell. */
  megabytes: number;
  /** Of all its threads; NaN where the system does not tell. */
  workMillis: number;
}

export class ProcessMeter {
  private megabytes = NaN;
  private ticks = NaN;
  private readonly ticksBefore: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.forgetEarlierPeak();
    this.look();
    this.ticksBefore = this.ticks;
    // A process that dies takes its own count with it.
    this.timer = setInterval(() => this.look(), pollMillis);
  }

  end(): Taken {
    this.look();
    clearInterval(this.timer);
    const { megabytes } = this;
    return { megabytes, workMillis: (this.ticks - this.ticksBefore) * millisPerTick };
  }

  private look(): void {
    const peak = /VmHWM:\s+(\d+) kB/.exec(this.read("status"));
    if (peak) this.megabytes = Math.max(this.megabytes || 0, Number(peak[1]) / 1024);
    const fields = this.read("stat").split(") ").at(-1)?.split(" ") ?? [];
    if (fields.length > 12) this.ticks = Number(fields[11]) + Number(fields[12]);
  }

  private read(name: string): string {
    try {
      return readFileSync(`/proc/${this.pid}/${name}`, "utf8");
    } catch {
      return "";
    }
  }

  private forgetEarlierPeak(): void {
    try {
      writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
    } catch {
      // Not Linux, or not allowed: the peak is the process's own so far.
    }
  }
}
