/** Feeds a rewritten graph of the “blocks” layout with keys and values that a test holds in its hands. */
import type { EvictableDecoder } from "../../../src/onnx/evictableDecoder";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import {
  float32s,
  floatsOf,
  int64s,
  Session,
  type Tensors,
} from "../../../src/engine/runtime/runtime";

/** Keys or values of one layer, time first: [slots, batch, kvHeads, headDim]. */
export type Block = Float32Array;

export interface Step {
  /** One row of ids per chain. */
  ids: number[][];
  position: number;
  /** Per layer and role, where the step finds earlier tokens; absent is empty. */
  retained?: Record<string, Block>;
  buffer?: Record<string, Block>;
  /** Buffered slots that no query may see. */
  hidden?: number[];
}

export class BlocksDriver {
  private constructor(
    readonly model: EvictableDecoder,
    private readonly session: Session,
  ) {}

  static async open(modelFile: string): Promise<BlocksDriver> {
    const { decoder, graph, weightsFolder } = await rewriteModel({ modelFile, layout: "blocks" });
    return new BlocksDriver(decoder, await Session.create({ bytes: graph, weightsFolder }, "cpu"));
  }

  /** Logits, queries, and the step's own rows under “0.key”, “0.value” and so on. */
  async step({ ids, position, retained = {}, buffer = {}, hidden = [] }: Step) {
    const { kvHeads, headDim, layers } = this.model;
    const [batch, tokens, width] = [ids.length, ids[0].length, kvHeads * headDim];
    const buffered = (buffer["0.key"]?.length ?? 0) / (batch * width);
    const feeds: Tensors = {
      input_ids: int64s(ids.flat(), [batch, tokens]),
      position_ids: int64s(
        ids.flatMap((row) => row.map((_, i) => position + i)),
        [batch, tokens],
      ),
      chunk_mask: chunkMask(tokens, buffered, hidden),
    };
    for (const name of layers.flatMap((_, i) => [`${i}.key`, `${i}.value`])) {
      const rows = retained[name] ?? new Float32Array();
      const slots = rows.length / (batch * width);
      feeds[`retained.${name}`] = float32s(headFirst(rows, slots, batch * kvHeads, headDim), [
        batch,
        kvHeads,
        slots,
        headDim,
      ]);
      feeds[`buffer.${name}`] = float32s(buffer[name] ?? new Float32Array(), [
        buffered,
        batch,
        kvHeads,
        headDim,
      ]);
    }
    const outputs = await this.session.run(feeds, this.session.outputNames);
    const named = (prefix: string) =>
      Object.fromEntries(
        Object.entries(outputs)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), floatsOf(tensor)]),
      );
    return { logits: floatsOf(outputs.logits), rows: named("new."), queries: named("query.") };
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

function chunkMask(tokens: number, buffered: number, hidden: readonly number[]) {
  const columns = buffered + tokens;
  const mask = Float32Array.from({ length: tokens * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return column > buffered + row || hidden.includes(column) ? -Infinity : 0;
  });
  return float32s(mask, [tokens, columns]);
}

/** [slots, heads, headDim] to [heads, slots, headDim]. */
function headFirst(rows: Block, slots: number, heads: number, headDim: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let slot = 0; slot < slots; slot++)
    for (let head = 0; head < heads; head++) {
      const from = (slot * heads + head) * headDim;
      result.set(rows.subarray(from, from + headDim), (head * slots + slot) * headDim);
    }
  return result;
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(Math.abs(a.length - b.length), ...a.map((value, i) => Math.abs(value - b[i])));
}
