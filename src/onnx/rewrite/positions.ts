/** Absolute positions as an input, also for exports that count them from the cache's length. */
import { cacheRole, declaredDims } from "../patterns/attentionSite";
import type { GraphBuilder } from "../graph/graphBuilder";
import { intAttribute, type GraphView } from "../graph/graphView";
import { refuse } from "../modelRefused";

const name = "position_ids";

/** Returns the name of the value that holds positions, [B, S]. */
export function ensurePositions(g: GraphBuilder, view: GraphView): string {
  const given = view.input(name);
  if (given && declaredDims(given).length !== 2)
    refuse(
      "The input “position_ids” has more than one position per token (multimodal rotary)",
      "choose a text-only export of the model",
    );
  if (!given) {
    g.input(name, "int64", ["batch", "sequence"]);
    readPositionsFromInput(view);
  }
  return name;
}

/** Unsqueeze(Range(past length, …)) is how these exports write positions; all its readers move over. */
function readPositionsFromInput(view: GraphView): void {
  for (const range of view.graph.node) {
    if (range.opType !== "Range" || view.scalar(range.input[0]) !== undefined) continue;
    for (const row of view.consumers(range.output[0]))
      if (row.opType === "Unsqueeze" && view.scalar(row.input[1]) === 0)
        for (const reader of view.consumers(row.output[0]))
          reader.input = reader.input.map((input) => (input === row.output[0] ? name : input));
  }
}

/** Exports also read the batch size off the cache; input_ids tells it too. */
export function readBatchSizeFromIds(g: GraphBuilder, view: GraphView): void {
  for (const shape of [...view.graph.node]) {
    const cache = shape.opType === "Shape" ? view.input(shape.input[0]) : undefined;
    if (!cache || !cacheRole(cache.name)) continue;
    if (intAttribute(shape, "start", 0) === 0 && intAttribute(shape, "end", 0) === 1)
      shape.input[0] = "input_ids";
    for (const reader of view.consumers(shape.output[0]))
      if (reader.opType === "Gather" && view.scalar(reader.input[1]) === 0)
        reader.input[0] = g.node("Shape", ["input_ids"]);
  }
}
