import { stepHistories, type StepHistory } from "../model/stepHistory";
import { nameOf } from "./traceData";
import type { Context } from "../view";

/** What survives of each step; of a run that grows it may be a little behind. */
export function historyOf({ store, data }: Context): StepHistory[] | undefined {
  const { run } = store.state;
  const topic = nameOf(run, "history");
  const now = data.counted(topic, `${topic} ${run.version}`, () => stepHistories(run));
  return now ?? data.lastCounted<StepHistory[]>(topic);
}
