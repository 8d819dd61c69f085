/** This engine on the CPU, with one cache; it reads a short text, and fills its cache for a long one. */
import { compactionDue } from "../../src/engine/compaction/due";
import type { CachedDecoder } from "../../src/engine/decoder/cachedDecoder";
import { Sampler } from "../../src/engine/run/sampling";
import { Session } from "../../src/engine/runtime/runtime";
import { rewriteModel } from "../../src/onnx/rewrite/rewriteModel";
import {
  type Budget,
  type CacheSettings,
  defaultCacheSettings,
  defaultSamplingSettings,
} from "../../src/shared/settings/settings";
import { filledDecoder } from "../support/filledDecoder";
import { SkippingSession } from "../support/skippingSession";
import { type Runner, someIds } from "./serve";

const [longestRead, chunkTokens] = [1024, 128];

export async function ours(modelFile: string, budget: Budget): Promise<Runner> {
  const {
    decoder: model,
    graph: bytes,
    weightsFolder,
  } = await rewriteModel({ modelFile, layout: "blocks" });
  const session = await Session.create({ bytes, weightsFolder }, "cpu");
  return new Ours(new SkippingSession(session, model), budget);
}

class Ours implements Runner {
  private decoder: CachedDecoder | undefined;
  private logits: Float32Array = new Float32Array(0);
  private readonly sampler: Sampler;
  private cache: CacheSettings = defaultCacheSettings;

  constructor(
    private readonly session: SkippingSession,
    private readonly budget: Budget,
  ) {
    const greedy = { ...defaultSamplingSettings, temperature: 0 };
    this.sampler = new Sampler(greedy, session.model.vocabulary);
  }

  async read(tokens: number): Promise<void> {
    await this.decoder?.dispose();
    const slots = slotsOf(this.budget, tokens);
    this.cache = { ...defaultCacheSettings, budget: { kind: "count", slots } };
    const isRead = tokens <= longestRead;
    const decoder = await filledDecoder(this.session, isRead ? 0 : slots, isRead ? 0 : tokens);
    this.decoder = decoder;
    const ids = isRead ? someIds(tokens) : [1];
    for (let at = 0; at < ids.length; at += chunkTokens)
      this.logits = await decoder.feed([ids.slice(at, at + chunkTokens)]);
    await this.compactIfDue(decoder);
  }

  async step(): Promise<void> {
    if (!this.decoder) throw new Error("Nothing was read yet.");
    this.logits = await this.decoder.feed([[this.sampler.choose(this.logits)]]);
    await this.compactIfDue(this.decoder);
  }

  private async compactIfDue(decoder: CachedDecoder): Promise<void> {
    if (this.budget.kind === "full") return;
    const { slots, position } = decoder;
    const { cache: settings } = this;
    const cause = compactionDue(settings, { slots, position, promptLength: 0 });
    const draw = { seed: 1, compaction: 0, chains: [0] };
    if (cause) await decoder.compact({ settings, cause, promptLength: 0, ...draw });
  }
}

function slotsOf(budget: Budget, tokens: number): number {
  switch (budget.kind) {
    case "full":
      return tokens;
    case "share":
      return Math.round((tokens * budget.percent) / 100);
    case "count":
      return Math.min(tokens, budget.slots);
    default:
      return budget satisfies never;
  }
}
