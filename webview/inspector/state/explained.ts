import type { CompactionLayerRecord } from "../../../src/shared/trace/records";
import { decision, type Decision } from "../model/decision";
import { stayed } from "../model/explanation";
import { twinOf, type Similarities, type Explained, type Twin } from "../model/reasons";
import type { Run } from "../model/run";
import { redundancy, similarityByRow } from "../model/similarity";
import { type Left, slotsInOrder } from "../model/slotOrder";
import { inPieces } from "../model/pieces";
import type { Data } from "./data";
import type { State } from "./state";

export type { Explained, Similarities };

/**
 * The compaction that evicted the selected token from the chosen head; where that head still holds
 * it, the last compaction before the moment. Undefined where there was none.
 */
export function explained(state: Readonly<State>): Explained | undefined {
  const { run, selected, layer, head, compactions } = state;
  const last = compactions - 1;
  if (last < 0) return undefined;
  const row = layer * run.header.kvHeads + head;
  const evicted = selected === undefined ? last : run.evictions.evictedAt(row, selected);
  return { compaction: Math.min(last, evicted), layer, head };
}

/** The explained compaction where it is not the last one before the moment: a look aside. */
export function asideOf(state: Readonly<State>): number | undefined {
  const compaction = explained(state)?.compaction;
  return compaction === state.compactions - 1 ? undefined : compaction;
}

/** Candidates of one head that are ranked and drawn at most. */
const mostSlots = 65_536;
/** Slots that are compared with each other at most: the largest budget preset and its buffer. */
const mostSimilarities = 4_608;

export function explainedDecision(
  { run }: Readonly<State>,
  data: Data,
  asked: Explained,
): Decision | undefined {
  const { compaction, layer, head } = asked;
  return data.recall(run, decisionName(asked), async (trace) => {
    const record = await trace.layer(run, compaction, layer);
    if (!record || head >= record.kvHeads) return undefined;
    refuseAbove(mostSlots, record.slots, "ranked");
    return decision(record, head);
  });
}

const decisionName = ({ compaction, layer, head }: Explained): string =>
  `decision ${compaction} ${layer} ${head}`;
export const similarityName = ({ compaction, layer, head }: Explained): string =>
  `similarity ${compaction} ${layer} ${head}`;

function refuseAbove(most: number, slots: number, verb: string): void {
  if (slots > most)
    throw new RangeError(
      `This head held ${slots} slots, and no more than ${most} are ${verb} here. The trace has them: rkv-lens trace FILE --csv.`,
    );
}

/** Why there is no decision to be shown yet, or at all. */
export function decisionAbsence({ run }: Readonly<State>, data: Data, asked: Explained) {
  return data.absence(run, decisionName(asked));
}

export function similarityAbsence({ run }: Readonly<State>, data: Data, asked: Explained) {
  return data.absence(run, similarityName(asked));
}

export function explainedSimilarities(
  { run }: Readonly<State>,
  data: Data,
  asked: Explained,
): Similarities | undefined {
  const { compaction, layer, head } = asked;
  return data.recall(run, similarityName(asked), async (trace) => {
    const [record, before] = await Promise.all([
      trace.layer(run, compaction, layer),
      compaction > 0 ? trace.layer(run, compaction - 1, layer) : undefined,
    ]);
    if (!record || head >= record.kvHeads || (compaction > 0 && !before)) return undefined;
    const { slots } = record;
    refuseAbove(mostSimilarities, slots, "compared");
    const positions = [...record.positions.subarray(head * slots, (head + 1) * slots)];
    const keys = await trace.keys(run, layer, [{ head, positions }]);
    if (!keys) return undefined;
    const { similarityThreshold: threshold, observationWindow } = run.compactions[compaction];
    const order = slotsInOrder(
      left(run, compaction, record),
      before && left(run, compaction - 1, before),
      head,
      observationWindow,
    );
    const values = await inPieces(similarityByRow(keys, slots, run.header.headDim));
    return { positions, values, order, threshold };
  });
}

function left(
  { header, compactions }: Run,
  compaction: number,
  record: CompactionLayerRecord,
): Left {
  return { record, order: header.slotOrders?.[compactions[compaction].policy] ?? "position" };
}

/** The near-duplicate that is named beside a token, where the policy minds such and the keys are there. */
export function explainedTwin(
  state: Readonly<State>,
  data: Data,
  asked: Explained,
  position: number,
): Twin | undefined {
  const { retained, evicted } = explainedDecision(state, data, asked)?.typical ?? {};
  if (Number.isNaN(retained?.redundancy ?? NaN) && Number.isNaN(evicted?.redundancy ?? NaN))
    return undefined;
  const found = explainedSimilarities(state, data, asked);
  const about = { run: state.run, asked };
  return found && twinOf(position, state.run.texts, (at) => stayed(about, at), found);
}

/** What the redundancy would have been with another threshold. @returns [slots] */
export function supposedRedundancy(found: Similarities, threshold: number): Float32Array {
  return redundancy(found.values, found.order, threshold);
}

/** “layer 14, head 1 · compaction 9” */
export function explainedName({ compaction, layer, head }: Explained): string {
  return `layer ${layer}, head ${head} · compaction ${compaction + 1}`;
}
