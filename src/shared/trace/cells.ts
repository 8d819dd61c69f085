/** A layer's [kvHeads, slots] cells, which a large layer spreads over several records. */
import type { DecisionPart, ScoresPart } from "./decode";
import { TraceFormatError } from "./format";
import type { CompactionLayerRecord } from "./records";
import type { LayerHead } from "./schemas";

/** Which slots a layer held and retained. The scores come when they are asked for. */
export type LayerDecision = Omit<CompactionLayerRecord, "scores" | "parts">;

/** True when the parts, in file order, are all cells of one layer and each just once. */
export function isWhole(parts: readonly LayerHead[]): boolean {
  let cells = 0;
  for (const part of parts) {
    if (part.firstCell !== cells || !isSameLayer(part, parts[0])) return false;
    cells += part.cells;
  }
  return parts.length > 0 && cells === parts[0].kvHeads * parts[0].slots;
}

/** True when both are of one layer in one compaction, and of one shape. */
export function isSameLayer(a: LayerHead, b: LayerHead): boolean {
  return (
    a.chain === b.chain &&
    a.compaction === b.compaction &&
    a.layer === b.layer &&
    a.kvHeads === b.kvHeads &&
    a.slots === b.slots
  );
}

/** Needs whole parts. */
export function joinDecision(parts: readonly DecisionPart[]): LayerDecision {
  const { type, chain, compaction, layer, kvHeads, slots } = parts[0];
  const positions = new Uint32Array(kvHeads * slots);
  const retained = new Uint8Array(kvHeads * slots);
  for (const part of parts) {
    positions.set(part.positions, part.firstCell);
    retained.set(part.retained, part.firstCell);
  }
  return { type, chain, compaction, layer, kvHeads, slots, positions, retained };
}

/** Needs whole parts. Throws a TraceFormatError where they name different parts of the score. */
export function joinScores(
  parts: readonly ScoresPart[],
): Pick<CompactionLayerRecord, "scores" | "parts"> {
  const cells = parts[0].kvHeads * parts[0].slots;
  const scores = new Float32Array(cells);
  const columns = parts[0].parts.map((name) => ({ name, values: new Float32Array(cells) }));
  for (const part of parts) {
    if (part.parts.join() !== parts[0].parts.join())
      throw new TraceFormatError("The records of one layer's scores name different parts.");
    scores.set(part.scores, part.firstCell);
    columns.forEach(({ values }, i) => values.set(part.columns[i], part.firstCell));
  }
  return { scores, parts: columns };
}
