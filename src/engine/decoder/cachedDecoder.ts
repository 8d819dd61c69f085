import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import type { Device } from "../../shared/settings/settings";
import { BlocksCache } from "../cache/blocksCache";
import { InPlaceCache } from "../cache/inPlaceCache";
import { GpuQueries } from "../cache/gpuQueries";
import { bytesPerToken, type KvCache } from "../cache/kvCache";
import { LostAttention } from "../cache/lostAttention";
import { largestWindow, NewestQueries } from "../cache/newestQueries";
import { UnitKeyReader, type UnitKeys } from "../cache/unitKeyReader";
import { SlotAngles, type RotaryAngles } from "../cache/rotaryAngles";
import type { VotingQueries } from "../cache/votingQueries";
import { compactCache, type Compaction } from "../compaction/compaction";
import type { CompactionRequest } from "../compaction/decision";
import { Scorer } from "../compaction/scorer";
import { floatsOf, int64s, reshaped, type Session, type Tensors } from "../runtime/runtime";
import type { Decoder } from "./decoder";

/** See `Decoder`: the rewritten graph in a session, and the cache in the layout the graph wants. */
export class CachedDecoder implements Decoder {
  position = 0;
  private readonly cache: KvCache;
  private readonly queries: VotingQueries;
  private readonly slotAngles: SlotAngles | undefined;
  private readonly scorer: Scorer;
  private readonly keyReader: UnitKeyReader;
  private readonly lostAttention: LostAttention;
  private longestStep = Infinity;
  /** Position at which something was evicted first: what was read later saw less than all. */
  private firstEviction = Infinity;
  /** Keys up to here were taken, or are evicted. */
  private keysTaken = 0;

  constructor(
    private readonly session: Pick<Session, "device" | "run" | "dispose">,
    readonly model: EvictableDecoder,
    private readonly ownsSession = true,
    /** Where the model has a slotRotary; belongs to whom the session belongs to. */
    private readonly angles?: RotaryAngles,
  ) {
    const { layers, queryHeads, headDim, cacheType } = model;
    this.slotAngles = angles && new SlotAngles(angles);
    const onHost = model.layout === "blocks";
    this.cache = onHost ? new BlocksCache(model) : new InPlaceCache(model, this.slotAngles);
    this.queries = onHost
      ? new NewestQueries(layers.length, queryHeads, headDim, largestWindow)
      : new GpuQueries(model, this.slotAngles);
    this.scorer = new Scorer(session.device, cacheType);
    this.keyReader = new UnitKeyReader(session.device, cacheType);
    this.lostAttention = new LostAttention(session.device, cacheType);
  }

  get device(): Device {
    return this.session.device;
  }

  get rows(): number {
    return this.cache.rows;
  }

  async feed(ids: readonly (readonly number[])[], following = 0): Promise<Float32Array> {
    const tokens = this.checkedLength(ids);
    const perStep = Math.min(tokens, this.cache.tokensPerStep, this.longestStep);
    let logits: Float32Array | undefined;
    for (let done = 0; done < tokens; done += perStep) {
      const step = ids.map((row) => row.slice(done, done + perStep));
      logits = await this.step(step, following + tokens - Math.min(tokens, done + perStep));
    }
    if (!logits) throw new RangeError("There is no token to read.");
    return logits;
  }

  /** Bounds the tokens of each row that one run of the graph reads, for drivers that need it. */
  limitStep(tokens: number): void {
    this.longestStep = tokens;
  }

  get slots(): number {
    return Math.max(...this.cache.positions.map(({ slots }) => slots));
  }

  get evicted(): number {
    return this.position - Math.min(...this.cache.positions.map(({ slots }) => slots));
  }

  positions(layer: number): Uint32Array {
    return this.cache.positions[layer].all();
  }

  get bytesHeld(): number {
    return this.cache.bytesHeld;
  }

  get bytesReserved(): number {
    return this.cache.bytesReserved;
  }

  get bytesFull(): number {
    return this.rows * this.position * bytesPerToken(this.model);
  }

  keepQueries(window: number): void {
    this.queries.resize(window);
  }

  async compact(request: CompactionRequest): Promise<Compaction> {
    const { model, cache, queries, scorer, position } = this;
    const compaction = await compactCache({ model, cache, queries, scorer, position }, request);
    if (compaction.layers.some(({ slots, slotsAfter }) => slotsAfter < slots)) this.noteEviction();
    return compaction;
  }

  /** Retains these slots of each layer, [kvHeads, n] ascending: a decision made elsewhere. */
  async retain(slots: readonly Int32Array[]): Promise<void> {
    await this.cache.retain(slots, 1);
    this.noteEviction();
  }

  /**
   * Share of the newest token's attention that falls on the marked slots of a layer, per KV head.
   * marked: [kvHeads, slots].
   */
  async attentionOn(layer: number, marked: Float32Array): Promise<Float32Array> {
    const { kvHeads, headDim, layers } = this.model;
    const { slots } = this.cache.positions[layer];
    const query = await this.queries.of([layer], 1, this.position);
    const heads = reshaped(query, [kvHeads, -1, headDim]);
    const keys = this.cache.keys(layer);
    const share = await this.lostAttention.share(keys, heads, marked, slots, layers[layer]);
    query.dispose();
    return share;
  }

  /** The same model in the same session, with a cache of its own; to be disposed of before this. */
  sibling(): CachedDecoder {
    return new CachedDecoder(this.session, this.model, false, this.angles);
  }

  async takeNewKeys(): Promise<UnitKeys[]> {
    const firstPosition = this.keysTaken;
    const count = this.position - firstPosition;
    this.keysTaken = this.position;
    if (count === 0) return [];
    const taken: UnitKeys[] = [];
    for (const [layer, { slots }] of this.cache.positions.entries()) {
      const keys = await this.keyReader.read(this.cache.keys(layer), slots, count);
      taken.push({ layer, firstPosition, count, keys });
    }
    return taken;
  }

  async fork(rows: number): Promise<void> {
    if (this.rows !== 1)
      throw new RangeError(`Only one row can be forked, and there are ${this.rows}.`);
    await this.select(Array<number>(rows).fill(0));
  }

  async select(rows: readonly number[]): Promise<void> {
    const isAsBefore = rows.length === this.rows && rows.every((row, i) => row === i);
    if (isAsBefore) return;
    await this.cache.selectRows(rows);
    await this.queries.selectRows(rows);
  }

  reusablePrefix(): number {
    const unbroken = this.cache.positions.map((positions) => positions.unbrokenPrefix());
    return Math.min(this.firstEviction, ...unbroken);
  }

  async truncate(position: number): Promise<void> {
    if (position > this.reusablePrefix())
      throw new RangeError(
        `The cache holds ${this.reusablePrefix()} tokens from the start, not ${position}.`,
      );
    await this.cache.truncate(position);
    this.queries.forget(this.position - position);
    this.position = position;
    this.keysTaken = 0;
    this.firstEviction = Infinity;
  }

  async dispose(): Promise<void> {
    await this.cache.dispose();
    this.queries.dispose();
    this.slotAngles?.dispose();
    await this.scorer.dispose();
    await this.keyReader.dispose();
    await this.lostAttention.dispose();
    if (!this.ownsSession) return;
    await this.angles?.dispose();
    await this.session.dispose();
  }

  private noteEviction(): void {
    this.firstEviction = Math.min(this.firstEviction, this.position);
    this.keysTaken = this.position;
  }

  /** Tokens in every row. Throws a RangeError if rows differ, or positions pass the rotary table. */
  private checkedLength(ids: readonly (readonly number[])[]): number {
    const tokens = ids[0]?.length ?? 0;
    if (ids.length !== this.rows || ids.some((row) => row.length !== tokens))
      throw new RangeError(`${this.rows} rows of equal length are to be read, not ${ids.length}.`);
    const end = this.position + tokens;
    const { rotaryRows = Infinity } = this.model;
    if (end > rotaryRows)
      throw new RangeError(
        `Position ${end - 1} is beyond the model's ${rotaryRows} positions: ask for fewer tokens.`,
      );
    return tokens;
  }

  private async step(ids: readonly (readonly number[])[], following: number) {
    const { position, rows } = this;
    const tokens = ids[0].length;
    const votes = following < this.queries.window;
    const positions = Array.from({ length: rows * tokens }, (_, i) => position + (i % tokens));
    const feeds: Tensors = {
      input_ids: int64s(ids.flat(), [rows, tokens]),
      position_ids: int64s(positions, [rows, tokens]),
      ...(await this.cache.feeds(position, tokens, following)),
    };
    const outputs = await this.session.run(feeds, {
      logits: null,
      ...(votes && (await this.queries.fetches(tokens))),
      ...this.cache.fetches(),
    });
    this.cache.append(outputs, position, tokens);
    this.position += tokens;
    if (votes) await this.queries.take(outputs, tokens);
    else this.queries.forget(Infinity);
    return floatsOf(outputs.logits);
  }
}
