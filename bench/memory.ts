/**
 * What a cache of one size decodes: one chain with its whole cache, against as many chains at a
 * small budget as fit into the memory of that cache. A model of 1.54 billion int4 parameters, on
 * the CPU; caches are filled with random rows instead of reading. Each way decodes one filling of
 * the buffer, sampled, with the compaction that ends it. No two rows are alike, which is R-KV's
 * dearest case: each is compared with all. `npm run bench -- memory --alike` fills with rows that
 * are, and `memory 4096` takes one length instead of both.
 */
import { parseArgs } from "node:util";
import type { CachedDecoder } from "../src/engine/decoder/cachedDecoder";
import { compactionDue } from "../src/engine/compaction/due";
import { Sampler } from "../src/engine/run/sampling";
import { Session } from "../src/engine/runtime/runtime";
import { rewriteModel } from "../src/onnx/rewrite/rewriteModel";
import {
  type CacheSettings,
  defaultCacheSettings,
  defaultSamplingSettings,
} from "../src/shared/settings/settings";
import { filledDecoder } from "./support/filledDecoder";
import { SkippingSession } from "./support/skippingSession";
import { withWholeModel } from "./support/stockModel";
import { printTable } from "./support/table";

const { values, positionals } = parseArgs({
  options: { alike: { type: "boolean", default: false } },
  allowPositionals: true,
});
const lengths = positionals.length > 0 ? positionals.map(Number) : [4096, 16_384];
const shares = [34, 16, 10];
const slots = 1024;
const { buffer } = defaultCacheSettings;

interface Way {
  name: string;
  cache: CacheSettings;
  /** Slots of a chain as it begins to decode. */
  held: number;
  chains: number;
}

interface Reading {
  tokensPerSecond: number;
  bytes: number;
}

function waysAt(length: number): Way[] {
  const bounded = (name: string, held: number): Way => {
    const cache = { ...defaultCacheSettings, budget: { kind: "count", slots: held } } as const;
    return { name, cache, held, chains: Math.floor((length + buffer) / (held + buffer)) };
  };
  const whole = { ...defaultCacheSettings, policy: "full" } as const;
  return [
    { name: "whole", cache: whole, held: length, chains: 1 },
    ...shares.map((share) => bounded(`${share} %`, Math.round((length * share) / 100))),
    bounded(`${slots} slots`, slots),
  ];
}

async function decode(session: SkippingSession, way: Way, length: number): Promise<Reading> {
  const { cache, held, chains } = way;
  const decoder = await filledDecoder(session, held, length);
  await decoder.fork(chains);
  const sampler = new Sampler(defaultSamplingSettings, decoder.model.vocabulary, chains);
  let logits = await decoder.feed(Array.from({ length: chains }, () => [1]));
  let bytes = 0;
  const started = performance.now();
  for (let step = 0; step < buffer; step++) {
    const ids = Array.from({ length: chains }, (_, row) => [sampler.choose(logits, row)]);
    logits = await decoder.feed(ids);
    bytes = Math.max(bytes, decoder.bytesHeld);
    await compactIfDue(decoder, cache, chains);
  }
  const tokensPerSecond = (1000 * chains * buffer) / (performance.now() - started);
  await decoder.dispose();
  return { tokensPerSecond, bytes };
}

async function compactIfDue(
  decoder: CachedDecoder,
  settings: CacheSettings,
  chains: number,
): Promise<void> {
  const { slots, position } = decoder;
  const cause = compactionDue(settings, { slots, position, promptLength: 0 });
  if (!cause) return;
  const rows = Array.from({ length: chains }, (_, chain) => chain);
  const draw = { seed: 1, compaction: 0, chains: rows };
  await decoder.compact({ settings, cause, promptLength: 0, ...draw });
}

async function measure(modelFile: string): Promise<void> {
  const {
    decoder: model,
    graph: bytes,
    weightsFolder,
  } = await rewriteModel({ modelFile, layout: "blocks" });
  const whole = await Session.create({ bytes, weightsFolder }, "cpu");
  const session = new SkippingSession(whole, model, values.alike);
  for (const length of lengths) {
    const readings: (Way & Reading)[] = [];
    for (const way of waysAt(length)) {
      const reading = await decode(session, way, length);
      readings.push({ ...way, ...reading });
      console.error(`${way.name} × ${way.chains}: ${reading.tokensPerSecond.toFixed(1)} tokens/s`);
    }
    printTable(`${buffer} tokens of each chain after ${length}, on cpu`, readings.map(asRow));
  }
}

function asRow({ name, chains, tokensPerSecond, bytes }: Way & Reading, _: number, all: Reading[]) {
  return {
    cache: name,
    chains: String(chains),
    "MiB at most": (bytes / 2 ** 20).toFixed(0),
    "tokens/s": tokensPerSecond.toFixed(1),
    "against whole": `${(tokensPerSecond / all[0].tokensPerSecond).toFixed(1)} ×`,
  };
}

if (lengths.every((length) => length >= slots)) void withWholeModel(measure);
else {
  console.error(`Usage: memory [--alike] [TOKENS, ${slots} or more]…`);
  process.exitCode = 2;
}
