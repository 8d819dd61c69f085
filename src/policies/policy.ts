import type { PolicyName } from "../shared/settings/settings";
import type { SlotOrder } from "../shared/trace/records";
import type { PolicyScores, ScoreGraph } from "./graph/scoreGraph";

/**
 * What matters: a policy builds the graph that scores the candidates, and the compaction lets each
 * head retain the highest. It knows nothing of budgets, and the window and a pinned prompt never
 * compete.
 */
export interface Policy {
  name: PolicyName;
  /**
   * The order of slots along which it scores, and in which it leaves the survivors to the next
   * compaction.
   */
  slotOrder: SlotOrder;
  /** Absent where nothing is ever evicted. */
  score?: (s: ScoreGraph) => PolicyScores;
}
