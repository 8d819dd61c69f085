import type { FloatType } from "../../onnx/evictableDecoder";
import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { int32s, onGpu, type Tensor, type Tensors } from "../runtime/runtime";

/** Tensors [n, width] of which the same rows are wanted. */
export interface Gathering {
  tensors: readonly Tensor[];
  rows: Int32Array;
}

/**
 * New tensors on the GPU, those of each gathering with its rows, in one run. Gatherings are alike: as
 * many tensors, all of one type and width.
 */
export async function gatherOnGpu(gatherings: readonly Gathering[]): Promise<Tensor[][]> {
  const [{ tensors: first }] = gatherings;
  const type = first[0].type as FloatType;
  const [count, each] = [gatherings.length, first.length];
  const feeds: Tensors = {};
  gatherings.forEach(({ tensors, rows }, i) => {
    feeds[`rows.${i}`] = int32s(rows, [rows.length]);
    tensors.forEach((tensor, j) => (feeds[`source.${i}.${j}`] = tensor));
  });
  const name = `gather ${type} ${count} × ${each}`;
  const gathered = await onGpu(name, (g) => gather(g, type, count, each), feeds);
  return gatherings.map(({ tensors }, i) => tensors.map((_, j) => gathered[`result.${i}.${j}`]));
}

function gather(g: GraphBuilder, type: FloatType, count: number, each: number): void {
  for (let i = 0; i < count; i++) {
    const rows = g.input(`rows.${i}`, "int32", [`m.${i}`]);
    for (let j = 0; j < each; j++) {
      const source = g.input(`source.${i}.${j}`, type, [`n.${i}`, "width"]);
      const result = g.node("Gather", [source, rows], {}, { output: `result.${i}.${j}` });
      g.output(result, result, type, [`m.${i}`, "width"]);
    }
  }
}
