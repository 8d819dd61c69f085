/** The runs on which every view is tried: a small real one, and what else may come. */
import { readFile } from "node:fs/promises";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { encodeHeader, encodeRecords } from "../../../src/shared/trace/encode";
import type { TraceRecord } from "../../../src/shared/trace/records";
import { AwaitedData } from "../../../webview/inspector/export/awaitedData";
import { load } from "../../../webview/inspector/state/loader";
import { initialState, type State } from "../../../webview/inspector/state/state";
import { TraceData } from "../../../webview/inspector/state/traceData";
import { craftedTraces } from "./craftedTraces";
import { hugeTrace } from "./hugeTrace";
import { headerOf, tokensRecord } from "./sampleRun";
import { alone, spokenTrace, voted, type Spoken } from "./spokenTrace";

export interface Staged {
  trace: Uint8Array;
  /** Laid beside it. */
  beside?: Uint8Array;
  state: Readonly<State>;
  data: AwaitedData;
}

/** What the what-if asks. */
const supposed = { lambda: 0.5 };
const folder = "test/fixtures/traces";

/** @param change what is selected, scrubbed and zoomed */
async function staged(
  trace: Uint8Array,
  change: Partial<State> = {},
  beside?: Uint8Array,
): Promise<Staged> {
  const trusted = new TraceData(() => undefined);
  const [shown, other] = await Promise.all(
    [trace, ...(beside ? [beside] : [])].map(async (bytes) => {
      const { run, reader, refresh } = await load(bytesInMemory(bytes));
      await refresh();
      trusted.serve(run, reader);
      return run;
    }),
  );
  const state = initialState(shown, false);
  return {
    trace,
    beside,
    state: { ...state, other, ...change },
    data: new AwaitedData(trusted),
  };
}

/** A run that has just begun. */
function short(tokens: number): Uint8Array {
  const records = tokens > 0 ? [tokensRecord(tokens) as TraceRecord] : [];
  const header = headerOf({ layers: 2, kvHeads: 2 });
  return Buffer.concat([encodeHeader(header), encodeRecords(records)]);
}

export const traces = {
  /** A run of the bundled model, replayed, with another policy's beside it. */
  small: async () => {
    const [rkv, streaming] = await Promise.all(
      ["rkv", "streaming-llm"].map((name) => readFile(`${folder}/${name}.rkvtrace`)),
    );
    return staged(rkv, { selected: 30, hovered: 45, layer: 1, head: 2, supposed }, streaming);
  },
  /** The same while it is written: the last record is half there. */
  live: async () => {
    const whole = await readFile(`${folder}/rkv.rkvtrace`);
    return staged(whole.subarray(0, Math.floor(whole.length / 2)), { live: true });
  },
  empty: () => staged(short(0)),
  one: () => staged(short(1), { selected: 0 }),
  /** 16,384 tokens × 28 layers × 2 heads × 128 compactions. */
  huge: () => staged(hugeTrace(), { selected: 9_000 }),
  hostile: () => staged(craftedTraces["words that would be markup"], { selected: 3 }),
  /** Four chains of one question. */
  voted: () => staged(spokenTrace(voted), { selected: 5 }),
};

const said = (change: Partial<Spoken> = {}): Uint8Array => spokenTrace(alone(0, change));
const hostileWords = craftedTraces["words that would be markup"];

/** Two runs beside each other. */
export const pairs = {
  equal: () => staged(said(), {}, said()),
  /** They part after something was evicted. */
  parted: () => staged(said(), { selected: 17 }, spokenTrace(alone(1, { cache: { lambda: 0.5 } }))),
  /** The moment is before they part. */
  earlier: () => staged(said(), { tokens: 17 }, spokenTrace(alone(1))),
  "never evicted": () => staged(said({ compactions: 0 }), {}, said({ compactions: 0 })),
  "other prompts": () => staged(said(), {}, said({ prompt: "Eve has 18 books . How many ?" })),
  "only begun": () => staged(said(), {}, short(0)),
  "other layers": () => staged(said(), {}, hostileWords),
  hostile: () => staged(hostileWords, { selected: 3 }, hostileWords),
};

export type TraceName = keyof typeof traces;
