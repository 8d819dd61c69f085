import type { LayerDecision } from "../../../src/shared/trace/cells";
import { growingIntegers, type GrowingArray } from "./growingArray";

/** Stands for “not evicted so far”. */
export const never = 0xffff_ffff;

/**
 * When each KV head of each layer lost each token. What is evicted never comes back, so one number
 * per row and position, the compaction that evicted it, says who holds what at every moment.
 * A row is one KV head of one layer: layer · kvHeads + head.
 */
export class Evictions {
  private readonly rows: GrowingArray<Uint32Array<ArrayBuffer>>[];
  /** Positions that each row held after its last compaction, ascending. */
  private readonly held: number[][];
  /** What was evicted, as position · rowCount + row, by compaction; and where each one's begins. */
  private readonly log = growingIntegers();
  private readonly begins: number[] = [];

  constructor(
    readonly layers: number,
    readonly kvHeads: number,
  ) {
    this.rows = Array.from({ length: layers * kvHeads }, () => growingIntegers(never));
    this.held = this.rows.map(() => []);
  }

  get rowCount(): number {
    return this.rows.length;
  }

  /**
   * Takes in what one layer decided. A token that the layer does not list any more was lost
   * earlier, to a local window for instance, and counts as lost in this compaction.
   *
   * @param tokens tokens in the text at that compaction
   */
  record(layer: LayerDecision, compaction: number, tokens: number): void {
    while (this.begins.length <= compaction) this.begins.push(this.log.length);
    for (let head = 0; head < Math.min(layer.kvHeads, this.kvHeads); head++) {
      const row = layer.layer * this.kvHeads + head;
      const from = head * layer.slots;
      const retained: number[] = [];
      for (let slot = from; slot < from + layer.slots; slot++)
        if (layer.retained[slot] && layer.positions[slot] < tokens)
          retained.push(layer.positions[slot]);
      this.retain(row, retained, compaction, tokens);
    }
  }

  /** Evicts from a row, of the text's first `tokens` tokens, all that is not retained. */
  private retain(row: number, retained: number[], compaction: number, tokens: number): void {
    const at = this.rows[row];
    const held = this.held[row];
    for (let position = at.length; position < tokens; position++) held.push(position);
    at.reserve(tokens);
    const { values } = at;
    let next = 0;
    this.held[row] = held.filter((position) => {
      while (retained[next] < position) next++;
      const stays = position >= tokens || retained[next] === position;
      if (stays) return true;
      values[position] = compaction;
      this.log.set(this.log.length, position * this.rowCount + row);
      return false;
    });
  }

  /** The compaction that evicted the token, by order of happening, or `never`. */
  evictedAt(row: number, position: number): number {
    return this.rows[row].at(position);
  }

  /** [positions] of one row, as far as any compaction saw it; beyond that, nothing was evicted. */
  row(row: number): Uint32Array {
    return this.rows[row].values;
  }

  /** How many slots were evicted so far, over all layers and heads. */
  get count(): number {
    return this.log.length;
  }

  /** Calls with each slot that one compaction evicted. */
  forEach(compaction: number, call: (row: number, position: number) => void): void {
    const { values } = this.log;
    const end = this.begins[compaction + 1] ?? values.length;
    for (let at = this.begins[compaction] ?? end; at < end; at++)
      call(values[at] % this.rowCount, Math.floor(values[at] / this.rowCount));
  }

  /** How many of the rows [from, to) hold a token after that many compactions. */
  heldBy(position: number, compactions: number, from = 0, to = this.rowCount): number {
    let held = 0;
    for (let row = from; row < to; row++) if (this.rows[row].at(position) >= compactions) held++;
    return held;
  }

  /** The compaction after which no head of any layer holds the token, or `never`. */
  forgottenAt(position: number): number {
    let last = 0;
    for (const row of this.rows) last = Math.max(last, row.at(position));
    return last;
  }
}
