/** What a view may read: the state, and through it the run; and data, which is there or not yet. */
import type { Work } from "../model/pieces";
import type { Run } from "../model/run";
import type { Absence } from "./answers";
import type { Recorder } from "./recorder";
import type { State } from "./state";
import { nameOf, type TraceData } from "./traceData";

/** What is read of a trace when somebody looks at it, and what is made of what was read. */
export interface Data {
  hasKeys(run: Run, layer: number): boolean;
  /** What was loaded under that name; undefined until then. */
  recall<T>(
    run: Run,
    name: string,
    load: (data: TraceData) => Promise<T | undefined>,
  ): T | undefined;
  /** The same where somebody else asked for it: costs no time. */
  peek<T>(run: Run, name: string): T | undefined;
  /** Why `recall` has nothing under that name. */
  absence(run: Run, name: string): Absence;
  /** Something counted from the run; undefined while that takes. */
  counted<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined;
  /** The same, for those to whom an older count of the topic is better than none meanwhile. */
  countedLately<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined;
  /** Made anew only when what it reads changes. */
  derive<T>(name: string, make: () => T): T;
}

/** The state as it is at each look; each part of it that is looked at is noted. */
export function recordedState(state: () => Readonly<State>, recorder: Recorder): Readonly<State> {
  const seen = {};
  for (const key of Object.keys(state()) as (keyof State)[])
    Object.defineProperty(seen, key, {
      enumerable: true,
      get: () => {
        // A run that grows is the same object, of another version.
        if (key === "run" || key === "other") recorder.read("version", () => state().version);
        return recorder.read(key, () => state()[key]);
      },
    });
  return seen as Readonly<State>;
}

export class RecordedData implements Data {
  constructor(
    private readonly data: TraceData,
    private readonly recorder: Recorder,
  ) {}

  hasKeys(run: Run, layer: number): boolean {
    return this.recorder.read(`keys ${layer}`, () => this.data.hasKeys(run, layer));
  }

  recall<T>(run: Run, name: string, load: (data: TraceData) => Promise<T | undefined>) {
    const full = nameOf(run, name);
    return this.recorder.read(full, () => this.data.recall(full, () => load(this.data)), true);
  }

  peek<T>(run: Run, name: string): T | undefined {
    const full = nameOf(run, name);
    return this.recorder.read(`peek ${full}`, () => this.data.peek<T>(full));
  }

  absence(run: Run, name: string): Absence {
    const full = nameOf(run, name);
    return this.recorder.read(`absence of ${full}`, () => this.data.absence(full));
  }

  counted<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined {
    const full = nameOf(run, topic, name);
    return this.recorder.read(full, () => this.data.counted(topic, full, count), true);
  }

  countedLately<T>(run: Run, topic: string, name: string, count: () => Work<T>): T | undefined {
    const place = nameOf(run, topic);
    return this.recorder.read(`${place} ${name}`, () => {
      const now = this.data.counted(place, `${place} ${name}`, count);
      return now ?? this.data.lastCounted<T>(place);
    });
  }

  derive<T>(name: string, make: () => T): T {
    return this.recorder.derive(name, make);
  }
}
