/**
 * Compactions in a row against the authors' own code, which leaves the survivors by falling score
 * and pools along that order: the same cache, graph and selection as in a run, of one layer.
 * Layout of a case: test/fixtures/README.md.
 */
import type { EvictableDecoder } from "../../onnx/evictableDecoder";
import {
  type CacheSettings,
  defaultCacheSettings,
  type PolicyName,
} from "../../shared/settings/settings";
import type { PolicyCheck } from "../../shared/wire/engineApi";
import { BlocksCache } from "../cache/blocksCache";
import { NewestQueries } from "../cache/newestQueries";
import { compactCache, type Compaction } from "../compaction/compaction";
import type { Scorer } from "../compaction/scorer";
import { float32s } from "../runtime/runtime";
import type { Safetensors } from "./safetensors";

type RunCheck = Required<Pick<PolicyCheck, "compaction" | "keptEqual">>;

/** Each compaction of a case, in order. */
export async function* checkRun(
  golden: Safetensors,
  policy: PolicyName,
  scorer: Scorer,
): AsyncGenerator<RunCheck> {
  const run = new GoldenRun(golden, policy);
  const kept = golden.ints(`kept.${policy}`);
  const ends = golden.ints(`at.${policy}`);
  for (const [compaction, end] of ends.entries()) {
    await run.read(end);
    await run.compact(scorer, compaction);
    const { positions } = run;
    const size = kept.length / ends.length;
    const expected = kept.subarray(compaction * size, (compaction + 1) * size);
    const keptEqual = positions.length === size && expected.every((p, i) => p === positions[i]);
    yield { compaction, keptEqual };
  }
}

/** One layer's cache, fed with the keys and queries of a case. */
export class GoldenRun {
  private readonly settings: CacheSettings;
  private readonly model: Pick<
    EvictableDecoder,
    "layers" | "queryHeads" | "kvHeads" | "headDim" | "cacheType"
  >;
  private readonly cache: BlocksCache;
  private readonly queries: NewestQueries;
  private position = 0;

  constructor(
    private readonly golden: Safetensors,
    policy: PolicyName,
  ) {
    const { observation_window, lambda_, threshold, budget, buffer } = golden.metadata;
    const [kvHeads, , headDim] = golden.shape("key");
    const [queryHeads] = golden.shape("query");
    this.settings = {
      ...defaultCacheSettings,
      policy,
      observationWindow: Number(observation_window),
      buffer: Number(buffer),
      lambda: Number(lambda_),
      similarityThreshold: Number(threshold),
      budget: { kind: "count", slots: Number(budget) },
    };
    const layer = { scale: 1 / Math.sqrt(headDim), softcap: 0, localWindow: 0 };
    this.model = { layers: [layer], queryHeads, kvHeads, headDim, cacheType: "float32" };
    this.cache = new BlocksCache(this.model);
    this.queries = new NewestQueries(1, queryHeads, headDim, this.settings.observationWindow);
  }

  /** Reads the tokens up to a position. */
  async read(end: number): Promise<void> {
    const tokens = end - this.position;
    const { kvHeads, headDim } = this.model;
    const keys = timeFirst(this.upTo(end, "key"), kvHeads, tokens, headDim);
    const added = float32s(keys, [tokens, 1, kvHeads, headDim]);
    await this.cache.feeds(this.position, tokens);
    this.cache.append({ "new.0.key": added, "new.0.value": added }, this.position, tokens);
    this.queries.append([this.upTo(end, "query")], tokens);
    this.position = end;
  }

  compact(scorer: Scorer, compaction: number): Promise<Compaction> {
    const { model, cache, queries, position, settings } = this;
    return compactCache(
      { model, cache, queries, scorer, position },
      { settings, cause: "buffer", promptLength: 0, seed: 0, compaction, chains: [0] },
    );
  }

  /** [kvHeads, slots] */
  get positions(): Uint32Array {
    return this.cache.positions[0].all();
  }

  /** [heads, tokens, headDim] from the position so far to `end`. */
  private upTo(end: number, name: "key" | "query"): Float32Array {
    const [heads, length, headDim] = this.golden.shape(name);
    const all = this.golden.floats(name);
    const size = (end - this.position) * headDim;
    const vectors = new Float32Array(heads * size);
    for (let head = 0; head < heads; head++) {
      const from = (head * length + this.position) * headDim;
      vectors.set(all.subarray(from, from + size), head * size);
    }
    return vectors;
  }
}

/** [heads, tokens, width] as [tokens, heads, width]. */
function timeFirst(
  vectors: Float32Array,
  heads: number,
  tokens: number,
  width: number,
): Float32Array {
  const turned = new Float32Array(vectors.length);
  for (let head = 0; head < heads; head++)
    for (let token = 0; token < tokens; token++) {
      const from = (head * tokens + token) * width;
      turned.set(vectors.subarray(from, from + width), (token * heads + head) * width);
    }
  return turned;
}
