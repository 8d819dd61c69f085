/** What a replay needs of a trace: each chain's tokens, and what its compactions retained. */
import { openRegularFile } from "../../disk/regularFile";
import { bytesOfFile } from "../../shared/trace/byteSource";
import type { LayerDecision } from "../../shared/trace/cells";
import { type Recovery, TraceReader } from "../../shared/trace/reader";
import type { DivergenceRecord, TraceHeader } from "../../shared/trace/records";

export interface RecordedChain {
  /** The prompt's, then the reply's. */
  ids: number[];
  promptLength: number;
  /** In order of position. */
  compactions: { compaction: number; position: number; layers: LayerDecision[] }[];
  /** What earlier replays found, from the reply's first token on without a gap. */
  divergences: DivergenceRecord[];
}

export interface RecordedRun {
  header: TraceHeader;
  recovery: Recovery;
  chains: RecordedChain[];
}

/** Position of the first token that no replay has compared yet. */
export function comparedUpTo({ promptLength, divergences }: RecordedChain): number {
  return divergences.reduce((position, { kl }) => position + kl.length, promptLength);
}

export function isCompared(chain: RecordedChain): boolean {
  return comparedUpTo(chain) >= chain.ids.length;
}

/** Rejects with an Error to be shown where the file is no trace. */
export async function readRecordedRun(traceFile: string): Promise<RecordedRun> {
  const file = await openRegularFile(traceFile);
  try {
    return await gather(await TraceReader.open(bytesOfFile(file)));
  } finally {
    await file.close();
  }
}

async function gather(reader: TraceReader): Promise<RecordedRun> {
  const { header } = reader;
  const chains: RecordedChain[] = Array.from({ length: header.chains }, () => ({
    ids: [],
    promptLength: 0,
    compactions: [],
    divergences: [],
  }));
  await reader.refresh((item) => {
    if (item.type === "divergence") chains[item.chain].divergences.push(item);
    if (item.type === "tokens") {
      const chain = chains[item.chain];
      chain.ids.push(...item.ids);
      if (item.isPrompt) chain.promptLength += item.ids.length;
    }
    if (item.type === "compaction") {
      const { compaction, position } = item;
      chains[item.chain].compactions.push({ compaction, position, layers: [] });
    }
    if (item.type === "compactionLayer")
      chains[item.chain].compactions
        .find(({ compaction }) => compaction === item.compaction)
        ?.layers.push(item);
  });
  return { header, recovery: reader.recovery, chains };
}
