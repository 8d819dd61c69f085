import type { CompactionLayerRecord } from "../../src/shared/trace/records";
import { decision, type Decision } from "./model/decision";
import type { Run } from "./model/run";
import { redundancy, similarityByRow } from "./model/similarity";
import { type Left, slotsInOrder } from "./model/slotOrder";
import type { State, Store } from "./state";
import { nameOf, type TraceData } from "./traceData";

/** The compaction and head that the score views explain. */
export interface Explained {
  compaction: number;
  layer: number;
  head: number;
}

/**
 * The compaction that evicted the selected token from the chosen head; where that head still holds
 * it, the last compaction before the moment. Undefined where there was none.
 */
export function explained(store: Store): Explained | undefined {
  const { run, selected, layer, head } = store.state;
  const last = store.moment.compactions - 1;
  if (last < 0) return undefined;
  const row = layer * run.header.kvHeads + head;
  const evicted = selected === undefined ? last : run.evictions.evictedAt(row, selected);
  return { compaction: Math.min(last, evicted), layer, head };
}

export function explainedDecision(
  { run }: Readonly<State>,
  data: TraceData,
  { compaction, layer, head }: Explained,
): Decision | undefined {
  const record = data.layer(run, compaction, layer);
  if (!record || head >= record.kvHeads) return undefined;
  return data.derived(nameOf(run, "decision", compaction, layer, head), () =>
    decision(record, head),
  );
}

/** Keys of all slots of one head in one compaction, compared with each other. */
export interface Similarities {
  positions: number[];
  /** [slots, slots] */
  values: Float32Array;
  /** [slots] the slot at each place of the order along which the policy went. */
  order: Int32Array;
  threshold: number;
}

export function explainedSimilarities(
  { run }: Readonly<State>,
  data: TraceData,
  { compaction, layer, head }: Explained,
): Similarities | undefined {
  const name = nameOf(run, "similarity", compaction, layer, head);
  const known = data.known<Similarities>(name);
  const record = known ? undefined : data.layer(run, compaction, layer);
  if (!record || head >= record.kvHeads) return known;
  const before = compaction > 0 ? data.layer(run, compaction - 1, layer) : undefined;
  if (compaction > 0 && !before) return undefined;
  const { slots } = record;
  const positions = [...record.positions.subarray(head * slots, (head + 1) * slots)];
  const keys = data.keys(run, layer, head, positions);
  if (!keys) return undefined;
  const { similarityThreshold: threshold, window } = run.compactions[compaction];
  const order = slotsInOrder(
    left(run, compaction, record),
    before && left(run, compaction - 1, before),
    head,
    window,
  );
  return data.recall(name, async () => {
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

const pieceMillis = 8;

/** Works at something between the frames. */
async function inPieces<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + pieceMillis;
    while (performance.now() < until) {
      const { done, value } = work.next();
      if (done) return value;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** What the redundancy would have been with another threshold. @returns [slots] */
export function supposedRedundancy(found: Similarities, threshold: number): Float32Array {
  return redundancy(found.values, found.order, threshold);
}

/** “layer 14, head 1 · compaction 9” */
export function explainedName({ compaction, layer, head }: Explained): string {
  return `layer ${layer}, head ${head} · compaction ${compaction + 1}`;
}
