import type { FloatType } from "../../onnx/evictableDecoder";
import type { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { int32s, int64s, onGpu, type Tensor, type Tensors } from "../runtime/runtime";

/** Tensors [n, width] of which the same rows are wanted. */
export interface Gathering {
  tensors: readonly Tensor[];
  rows: Int32Array;
}

/** New tensors on the GPU, those of each gathering with its rows, in one run and with one upload. */
export async function gatherOnGpu(gatherings: readonly Gathering[]): Promise<Tensor[][]> {
  const [{ tensors: first }] = gatherings;
  const type = first[0].type as FloatType;
  const [count, each] = [gatherings.length, first.length];
  const rows = gatherings.flatMap((gathering) => [...gathering.rows]);
  const feeds: Tensors = {
    rows: int32s(rows, [rows.length]),
    lengths: int64s(
      gatherings.map(({ rows: { length } }) => length),
      [count],
    ),
  };
  gatherings.forEach(({ tensors }, i) =>
    tensors.forEach((tensor, j) => (feeds[`source.${i}.${j}`] = tensor)),
  );
  const name = `gather ${type} ${count} × ${each}`;
  const gathered = await onGpu(name, (g) => gather(g, type, count, each), feeds);
  return gatherings.map(({ tensors }, i) => tensors.map((_, j) => gathered[`result.${i}.${j}`]));
}

function gather(g: GraphBuilder, type: FloatType, count: number, each: number): void {
  const all = [g.input("rows", "int32", ["rows"]), g.input("lengths", "int64", [count])];
  const rows = count === 1 ? [all[0]] : g.nodes("Split", all, count, { axis: 0 });
  rows.forEach((wanted, i) => {
    for (let j = 0; j < each; j++) {
      const source = g.input(`source.${i}.${j}`, type, [`n.${i}`, "width"]);
      const result = `result.${i}.${j}`;
      g.node("Gather", [source, wanted], {}, { output: result });
      g.output(result, result, type, [`m.${i}`, "width"]);
    }
  });
}
