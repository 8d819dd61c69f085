/**
 * What a run tells its host, at a pace the wire can take: text of one chain and channel is
 * gathered and leaves at most once every 16 ms and never before the last batch has left, so
 * a slow reader makes batches larger instead of a queue longer.
 */
import type { EngineEvents } from "../../shared/wire/engineApi";

/** Resolves when the event has left. */
export type Emit = <K extends keyof EngineEvents>(name: K, event: EngineEvents[K]) => Promise<void>;
type TextEvent = EngineEvents["text"];

const betweenSendsMillis = 16;

/** To be called as often as one likes: lets `tell` know how often, once a second at most. */
export function onceASecond(tell: (calls: number) => void): () => void {
  let told = performance.now();
  let calls = 0;
  return () => {
    calls += 1;
    if (performance.now() - told < 1000) return;
    told = performance.now();
    tell(calls);
  };
}

export class Outbox {
  private readonly pending: TextEvent[] = [];
  private figures: EngineEvents["figures"] | undefined;
  private lastSent = 0;
  private sending: Promise<void> | undefined;

  constructor(private readonly emit: Emit) {}

  text(event: TextEvent): void {
    const last = this.pending.findLast((e) => e.chain === event.chain);
    if (last?.channel === event.channel && last.step === event.step) {
      last.text += event.text;
      last.tokens += event.tokens;
    } else this.pending.push({ ...event });
  }

  /** Only the newest figures are worth sending. */
  latest(figures: EngineEvents["figures"]): void {
    this.figures = figures;
  }

  /** Sends what has gathered if the wire is free; called after every step. */
  pump(): void {
    if (this.sending || performance.now() - this.lastSent < betweenSendsMillis) return;
    this.sending = this.send().finally(() => (this.sending = undefined));
    this.sending.catch(() => {
      // The host is gone; the process ends with its connection (main.ts).
    });
  }

  /** Resolves when everything has left. */
  async flush(): Promise<void> {
    await this.sending;
    await this.send();
  }

  private async send(): Promise<void> {
    this.lastSent = performance.now();
    for (const event of this.pending.splice(0)) await this.emit("text", event);
    const figures = this.figures;
    this.figures = undefined;
    if (figures) await this.emit("figures", figures);
  }
}
