import { reasonOf } from "../../../src/shared/reasonOf";
import { inPieces, type Work } from "../model/pieces";
import type { Run } from "../model/run";
import type { Scene, Size, View } from "../scene/scene";
import type { Absence } from "../state/answers";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { nameOf, type TraceData } from "../state/traceData";

const asked: Absence = { kind: "asked" };
const missing: Absence = { kind: "missing" };

/** For those who can wait: whatever a view asks for is there, or known not to be, when it looks again. */
export class AwaitedData implements Data {
  private readonly found = new Map<string, unknown>();
  private readonly failures = new Map<string, string>();
  private pending: Promise<void>[] = [];

  constructor(private readonly trace: TraceData) {}

  hasKeys(run: Run, layer: number): boolean {
    return this.trace.hasKeys(run, layer);
  }

  recall<T>(run: Run, name: string, load: (data: TraceData) => Promise<T | undefined>) {
    return this.asked(nameOf(run, name), () => load(this.trace));
  }

  peek<T>(run: Run, name: string): T | undefined {
    return this.found.get(nameOf(run, name)) as T | undefined;
  }

  absence(run: Run, name: string): Absence {
    const full = nameOf(run, name);
    const message = this.failures.get(full);
    if (message !== undefined) return { kind: "failed", message, again: () => undefined };
    return this.found.has(full) ? missing : asked;
  }

  counted<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined {
    return this.asked(nameOf(run, topic, name), () => inPieces(count()));
  }

  countedLately<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined {
    return this.counted(run, topic, name, count);
  }

  derive<T>(_name: string, make: () => T): T {
    return make();
  }

  /** The view's scene when all that it asked for is there. */
  async sceneOf(view: View, state: Readonly<State>, size: Size): Promise<Scene> {
    for (;;) {
      const scene = view(state, this, size);
      const asked = this.pending;
      if (asked.length === 0) return scene;
      this.pending = [];
      await Promise.all(asked);
    }
  }

  private asked<T>(name: string, ask: () => Promise<T | undefined>): T | undefined {
    if (!this.found.has(name)) {
      this.found.set(name, undefined);
      const answer = ask().then(
        (value) => void this.found.set(name, value),
        (error: unknown) => void this.failures.set(name, reasonOf(error)),
      );
      this.pending.push(answer);
    }
    return this.found.get(name) as T | undefined;
  }
}
