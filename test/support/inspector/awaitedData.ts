/** A view's data without caches and without waiting: whatever it asks for is there when it looks again. */
import type { Work } from "../../../webview/inspector/model/pieces";
import type { Run } from "../../../webview/inspector/model/run";
import type { Scene, Size, View } from "../../../webview/inspector/scene/scene";
import type { Absence } from "../../../webview/inspector/state/answers";
import type { Data } from "../../../webview/inspector/state/data";
import type { State } from "../../../webview/inspector/state/state";
import { nameOf, TraceData } from "../../../webview/inspector/state/traceData";
import { finished } from "./finished";

const asked: Absence = { kind: "asked" };
const missing: Absence = { kind: "missing" };

export class AwaitedData implements Data {
  private readonly found = new Map<string, unknown>();
  private pending: Promise<void>[] = [];

  constructor(private readonly trace = new TraceData(() => undefined)) {}

  hasKeys(run: Run, layer: number): boolean {
    return this.trace.hasKeys(run, layer);
  }

  recall<T>(run: Run, name: string, load: (data: TraceData) => Promise<T | undefined>) {
    const full = nameOf(run, name);
    if (!this.found.has(full))
      this.pending.push(load(this.trace).then((value) => void this.found.set(full, value)));
    return this.found.get(full) as T | undefined;
  }

  peek<T>(run: Run, name: string): T | undefined {
    return this.found.get(nameOf(run, name)) as T | undefined;
  }

  absence(run: Run, name: string): Absence {
    return this.found.has(nameOf(run, name)) ? missing : asked;
  }

  counted<T>(run: Run, topic: string, name: string, count: () => Work<T>): T {
    const full = nameOf(run, topic, name);
    if (!this.found.has(full)) this.found.set(full, finished(count()));
    return this.found.get(full) as T;
  }

  countedLately<T>(run: Run, topic: string, name: string, count: () => Work<T>): T {
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
}
