/** Runs of a small real model, a 2-layer Qwen2 export with random weights, on token ids. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { conductRun } from "../../../src/engine/run/conductRun";
import { loadModel, type RunnableModel } from "../../../src/engine/model/loadModel";
import type { Emit } from "../../../src/engine/run/outbox";
import type { RunControl } from "../../../src/engine/run/request";
import type {
  EngineEvents,
  GenerateParams,
  GenerationEnd,
} from "../../../src/shared/wire/engineApi";
import { Random } from "../../../src/shared/random";
import {
  type CacheSettings,
  defaultCacheSettings,
  defaultSamplingSettings,
} from "../../../src/shared/settings/settings";
import { type TraceItem, TraceReader } from "../../../src/shared/trace/reader";

/** The export without its tokenizer: these runs know ids alone. */
export const tinyFolder = withoutTokenizer("test/fixtures/exports/optimum-qwen2");
export const tinyContext = 512;
const vocabulary = 512;

function withoutTokenizer(folder: string): string {
  const parent = mkdtempSync(join(tmpdir(), "tiny-"));
  process.once("exit", () => rmSync(parent, { recursive: true, force: true }));
  const copy = join(parent, basename(folder));
  cpSync(folder, copy, { recursive: true, filter: (file) => !basename(file).includes("token") });
  return copy;
}

export function randomIds(count: number, seed = 0): number[] {
  const random = new Random(seed, 7);
  return Array.from({ length: count }, () => random.integer(3, vocabulary - 1));
}

export function cacheOf(changed: Partial<CacheSettings> = {}): CacheSettings {
  const budget = { kind: "count" as const, slots: 24 };
  return { ...defaultCacheSettings, budget, buffer: 8, observationWindow: 4, ...changed };
}

export const greedy = { ...defaultSamplingSettings, temperature: 0 };

export type Asked = Omit<Partial<GenerateParams>, "prompt"> & { ids: number[] };

export function askedOf({ ids, ...changed }: Asked): GenerateParams {
  return {
    run: "run",
    prompt: { kind: "ids", ids },
    cache: cacheOf(),
    sampling: greedy,
    maxTokens: 24,
    chains: 1,
    ...changed,
  };
}

type Told = { [K in keyof EngineEvents]: { name: K; event: EngineEvents[K] } }[keyof EngineEvents];

export class TinyRuns {
  /** What the last run told its host. */
  told: Told[] = [];
  /** Called after each read of the decoder: between two steps, or two chunks of a prompt. */
  afterFeed: (control: RunControl, position: number) => void = () => undefined;
  private control: RunControl = { run: "", cache: cacheOf(), isCancelled: false };

  static async open(folder = tinyFolder): Promise<TinyRuns> {
    const model = await loadModel({ folder, device: "cpu" }, () => undefined);
    // Random weights end a text by chance; these runs end where the test says.
    return new TinyRuns({ ...model, endIds: new Set() });
  }

  constructor(readonly model: RunnableModel) {
    const { decoder } = model;
    const feed = decoder.feed.bind(decoder);
    decoder.feed = async (ids, following) => {
      const logits = await feed(ids, following);
      this.afterFeed(this.control, decoder.position);
      return logits;
    };
  }

  async run(asked: Asked): Promise<GenerationEnd> {
    const params = askedOf(asked);
    this.told = [];
    this.control = { run: params.run, cache: params.cache, isCancelled: false };
    const emit: Emit = (name, event) => {
      this.told.push({ name, event } as Told);
      return Promise.resolve();
    };
    return conductRun(this.model, params, this.control, emit);
  }

  /** The run's end and all that its trace says. */
  async traced(asked: Asked): Promise<{ end: GenerationEnd; trace: Trace; traceFile: string }> {
    const traceFile = join(await mkdtemp(join(tmpdir(), "run-")), "run.rkvtrace");
    const end = await this.run({ ...asked, traceFile });
    return { end, trace: await readTrace(traceFile), traceFile };
  }

  notices(): string[] {
    return this.told.flatMap(({ name, event }) => (name === "notice" ? [event.message] : []));
  }

  async close(): Promise<void> {
    await this.model.decoder.dispose();
  }
}

export class Trace {
  constructor(
    readonly reader: TraceReader,
    private readonly items: readonly TraceItem[],
  ) {}

  all<K extends TraceItem["type"]>(type: K, chain?: number): Extract<TraceItem, { type: K }>[] {
    return this.items.filter(
      (item): item is Extract<TraceItem, { type: K }> =>
        item.type === type && (chain === undefined || !("chain" in item) || item.chain === chain),
    );
  }

  /** The ids of a chain's reply. */
  reply(chain = 0): number[] {
    return this.all("tokens", chain).flatMap(({ isPrompt, ids }) => (isPrompt ? [] : [...ids]));
  }
}

export async function readTrace(file: string): Promise<Trace> {
  const bytes = Uint8Array.from(await readFile(file)).buffer;
  const reader = await TraceReader.open({
    size: () => Promise.resolve(bytes.byteLength),
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  });
  const items: TraceItem[] = [];
  await reader.refresh((item) => items.push(item));
  return new Trace(reader, items);
}
