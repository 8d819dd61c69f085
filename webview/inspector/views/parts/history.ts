import { stepHistories, type StepHistory } from "../../model/stepHistory";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";

/** What survives of each step; of a run that grows it may be a little behind. */
export function historyOf({ run }: Readonly<State>, data: Data): StepHistory[] | undefined {
  return data.countedLately(run, "history", () => stepHistories(run));
}
