import type { LayerDecision } from "../../../src/shared/trace/cells";
import { growingIntegers } from "./growingArray";

/** Stands for “not evicted so far”. */
export const never = 0xffff_ffff;

/** Cells that a run may claim before it has listed any: a small trace is never refused. */
const freeCells = 1_000_000;
/** Cells that it may claim for each that it listed; a local window lists some tokens never. */
const cellsPerListed = 16;
/** Each takes four bytes and is counted at every moment; a page is not to exhaust the machine. */
const mostCells = 64_000_000;

/** One KV head of one layer. */
interface Row {
  /** [positions] the compaction that evicted each. */
  at: ReturnType<typeof growingIntegers>;
  /** Positions that it held after its last compaction, ascending. */
  held: number[];
}

const nothingEvicted = new Uint32Array();

/**
 * When each KV head of each layer lost each token. What is evicted never comes back, so one number
 * per row and position, the compaction that evicted it, says who holds what at every moment.
 * A row is one KV head of one layer: layer · kvHeads + head. A layer that decided nothing holds
 * everything and costs nothing, however many of them the trace's header claims.
 */
export class Evictions {
  /** [layers][kvHeads] rows of the layers that decided something. */
  private readonly rows: (Row[] | undefined)[];
  /** Layers that decided something, ascending. */
  private readonly decided: number[] = [];
  private listed = 0;
  /** What was evicted, in order of happening; and where each compaction begins. */
  private readonly log = { rows: growingIntegers(), positions: growingIntegers() };
  private readonly begins: number[] = [];

  constructor(
    readonly layers: number,
    readonly kvHeads: number,
  ) {
    this.rows = Array.from({ length: layers });
  }

  get rowCount(): number {
    return this.layers * this.kvHeads;
  }

  /**
   * Takes in what one layer decided. A token that the layer does not list any more was lost
   * earlier, to a local window for instance, and counts as lost in this compaction. Throws a
   * RangeError where the run claims more than its records can hold.
   *
   * @param tokens tokens in the text at that compaction
   */
  record(layer: LayerDecision, compaction: number, tokens: number): void {
    const rows = this.rowsOf(layer.layer);
    this.listed += layer.kvHeads * layer.slots;
    this.checkClaim(tokens);
    while (this.begins.length <= compaction) this.begins.push(this.count);
    for (let head = 0; head < Math.min(layer.kvHeads, this.kvHeads); head++) {
      const from = head * layer.slots;
      const retained: number[] = [];
      for (let slot = from; slot < from + layer.slots; slot++)
        if (layer.retained[slot] && layer.positions[slot] < tokens)
          retained.push(layer.positions[slot]);
      this.retain(rows[head], layer.layer * this.kvHeads + head, retained, compaction, tokens);
    }
  }

  private rowsOf(layer: number): Row[] {
    const known = this.rows[layer];
    if (known) return known;
    const made = Array.from({ length: this.kvHeads }, () => {
      return { at: growingIntegers(never), held: [] };
    });
    this.rows[layer] = made;
    this.decided.push(layer);
    this.decided.sort((a, b) => a - b);
    return made;
  }

  private checkClaim(tokens: number): void {
    const rows = this.decided.length * this.kvHeads;
    const granted = Math.min(mostCells, freeCells + cellsPerListed * this.listed);
    if (tokens * rows > granted)
      throw new RangeError(`${tokens} tokens of ${rows} heads are more than its records can hold`);
  }

  /** Evicts from a row, of the text's first `tokens` tokens, all that is not retained. */
  private retain(
    { at, held }: Row,
    row: number,
    retained: number[],
    compaction: number,
    tokens: number,
  ): void {
    for (let position = at.length; position < tokens; position++) held.push(position);
    at.reserve(tokens);
    const { values } = at;
    const { rows, positions } = this.log;
    let next = 0;
    let kept = 0;
    for (const position of held) {
      while (retained[next] < position) next++;
      if (position >= tokens || retained[next] === position) {
        held[kept++] = position;
        continue;
      }
      values[position] = compaction;
      rows.set(rows.length, row);
      positions.set(positions.length, position);
    }
    held.length = kept;
  }

  /** The compaction that evicted the token, by order of happening, or `never`. */
  evictedAt(row: number, position: number): number {
    const layer = Math.floor(row / this.kvHeads);
    return this.rows[layer]?.[row - layer * this.kvHeads].at.at(position) ?? never;
  }

  /** [positions] of one row, as far as any compaction saw it; beyond that, nothing was evicted. */
  row(row: number): Uint32Array {
    const layer = Math.floor(row / this.kvHeads);
    return this.rows[layer]?.[row - layer * this.kvHeads].at.values ?? nothingEvicted;
  }

  /** Those of the rows [from, to) that may have lost something; the others hold everything. */
  decidedRows(from = 0, to = this.rowCount): number[] {
    return this.decided.flatMap((layer) => {
      const first = Math.max(from, layer * this.kvHeads);
      const end = Math.min(to, (layer + 1) * this.kvHeads);
      return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
    });
  }

  /** How many slots were evicted so far, over all layers and heads. */
  get count(): number {
    return this.log.rows.length;
  }

  /** The slots that one compaction evicted, as two columns; whatever comes later is not in them. */
  evictedBy(compaction: number): { rows: Uint32Array; positions: Uint32Array } {
    const end = this.begins[compaction + 1] ?? this.count;
    const begin = this.begins[compaction] ?? end;
    const { rows, positions } = this.log;
    return {
      rows: rows.values.subarray(begin, end),
      positions: positions.values.subarray(begin, end),
    };
  }

  /** Calls with each slot that one compaction evicted. */
  forEach(compaction: number, call: (row: number, position: number) => void): void {
    const { rows, positions } = this.evictedBy(compaction);
    rows.forEach((row, index) => call(row, positions[index]));
  }

  /** How many of the rows [from, to) hold a token after that many compactions. */
  heldBy(position: number, compactions: number, from = 0, to = this.rowCount): number {
    let lost = 0;
    for (const layer of this.decided) {
      const first = layer * this.kvHeads;
      const rows = this.rows[layer] ?? [];
      const end = Math.min(rows.length, to - first);
      for (let head = Math.max(0, from - first); head < end; head++)
        if (rows[head].at.at(position) < compactions) lost++;
    }
    return to - from - lost;
  }

  /** The compaction after which no head of any layer holds the token, or `never`. */
  forgottenAt(position: number): number {
    if (this.decided.length < this.layers) return never;
    let last = 0;
    for (const rows of this.rows)
      for (const { at } of rows ?? []) last = Math.max(last, at.at(position));
    return last;
  }
}
