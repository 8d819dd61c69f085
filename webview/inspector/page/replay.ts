import type { InspectorEvents, TraceSource } from "../../../src/shared/wire/inspectorApi";
import { count } from "../../../src/shared/units";
import type { Host } from "./host";

/** A replay with the full cache, which runs beside the views and can be cancelled. */
export class Replay {
  private running = false;
  private cancelled = false;

  /** @param say shows a sentence; an empty one takes it away */
  constructor(
    private readonly host: Host,
    private readonly say: (words: string) => void,
  ) {}

  get isRunning(): boolean {
    return this.running;
  }

  /** True when its findings lie in the trace. Rejects with an Error ready to be shown. */
  async start({ id }: TraceSource): Promise<boolean> {
    Object.assign(this, { running: true, cancelled: false });
    this.say("Replaying with the full cache…");
    try {
      await this.host.ask("replay", { trace: id });
      return true;
    } catch (error) {
      if (this.cancelled) return false;
      throw error;
    } finally {
      this.running = false;
      this.say("");
    }
  }

  async cancel({ id }: TraceSource): Promise<void> {
    this.cancelled = true;
    await this.host.ask("cancelReplay", { trace: id });
  }

  progress({ done, total }: InspectorEvents["replaying"]): void {
    if (this.running)
      this.say(`Replaying with the full cache: ${count(done)} of ${count(total)} tokens.`);
  }
}
