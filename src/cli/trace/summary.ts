/** What a trace holds, in figures: what `trace FILE` prints. */
import type { LayerDecision } from "../../shared/trace/cells";
import type { Recovery, TraceItem, TraceReader } from "../../shared/trace/reader";
import type { TraceCacheSettings, TraceHeader } from "../../shared/trace/records";
import { formatBudget } from "../../shared/settings/budget";
import { bytes as formatBytes, count as formatCount, duration } from "../../shared/units";

export interface TraceSummary {
  header: TraceHeader;
  settings: { position: number; cache: TraceCacheSettings }[];
  chains: ChainSummary[];
  /** Largest that any token saw. */
  kvBytes: number;
  kvBytesFull: number;
  replay: { tokens: number; meanKl: number; firstDivergence: number | null } | null;
  stopReason: string | null;
  millis: number | null;
  recovery: Recovery;
  damagedRecords: number;
}

export interface ChainSummary {
  chain: number;
  promptTokens: number;
  tokens: number;
  steps: number;
  compactions: number;
  compactionMillis: number;
  /** Slots evicted, summed over layers and KV heads. */
  evicted: number;
}

export async function summarize(reader: TraceReader): Promise<TraceSummary> {
  const summary = emptySummary(reader);
  const kl: number[] = [];
  await reader.refresh((item) => {
    if (item.type === "divergence") {
      kl.push(...item.kl);
      summary.replay ??= { tokens: 0, meanKl: 0, firstDivergence: null };
      const different = item.sameToken.indexOf(0);
      if (different >= 0) summary.replay.firstDivergence ??= item.firstPosition + different;
    } else add(summary, item);
  });
  if (summary.replay) {
    summary.replay.tokens = kl.length;
    summary.replay.meanKl = kl.reduce((sum, value) => sum + value, 0) / Math.max(1, kl.length);
  }
  summary.damagedRecords = (await reader.damagedPlaces()).length;
  return { ...summary, recovery: reader.recovery };
}

function emptySummary({ header, recovery }: TraceReader): TraceSummary {
  const chains = Array.from({ length: header.chains }, (_, chain) => ({
    chain,
    promptTokens: 0,
    tokens: 0,
    steps: 0,
    compactions: 0,
    compactionMillis: 0,
    evicted: 0,
  }));
  return {
    header,
    settings: [],
    chains,
    kvBytes: 0,
    kvBytesFull: 0,
    replay: null,
    stopReason: null,
    millis: null,
    recovery,
    damagedRecords: 0,
  };
}

function add(summary: TraceSummary, item: Exclude<TraceItem, { type: "divergence" }>): void {
  switch (item.type) {
    case "settings":
      summary.settings.push({ position: item.position, cache: item.cache });
      return;
    case "tokens":
      summary.chains[item.chain][item.isPrompt ? "promptTokens" : "tokens"] += item.ids.length;
      return;
    case "step":
      summary.chains[item.chain].steps += 1;
      return;
    case "compaction":
      summary.chains[item.chain].compactions += 1;
      summary.chains[item.chain].compactionMillis += item.millis;
      return;
    case "compactionLayer":
      summary.chains[item.chain].evicted += evictedOf(item);
      return;
    case "figures":
      summary.kvBytes = Math.max(summary.kvBytes, item.kvBytes);
      summary.kvBytesFull = Math.max(summary.kvBytesFull, item.kvBytesFull);
      return;
    case "end":
      summary.stopReason = item.stopReason;
      summary.millis = item.millis;
      return;
    default:
      return item satisfies never;
  }
}

function evictedOf({ retained }: LayerDecision): number {
  return retained.reduce((sum, flag) => sum + 1 - flag, 0);
}

export function summaryInWords(summary: TraceSummary): string[] {
  const { header, settings, chains, replay } = summary;
  const shape = `${header.layers} layers, ${header.kvHeads} KV heads of ${header.headDim}`;
  const lines = [
    `${header.model} on ${header.device}: ${shape}; written by ${header.writer}`,
    ...settings.map((each) => settingsLine(each, header.slotOrders)),
    ...chains.map((chain) => chainLine(chain, chains.length)),
    `cache at most ${formatBytes(summary.kvBytes)} of ${formatBytes(summary.kvBytesFull)}`,
  ];
  if (replay)
    lines.push(
      `replayed with the full cache: ${formatCount(replay.tokens)} tokens, mean KL ${replay.meanKl.toExponential(2)} nats, first other token at ${replay.firstDivergence ?? "no position"}`,
    );
  return [...lines, ...endLines(summary)];
}

function settingsLine(
  { position, cache }: TraceSummary["settings"][number],
  slotOrders: TraceHeader["slotOrders"],
): string {
  const { policy, budget, buffer, observationWindow, lambda } = cache;
  return `from position ${formatCount(position)}: ${policy}, budget ${formatBudget(budget)}, buffer ${buffer}, window ${observationWindow}, λ ${lambda}, slots in order of ${slotOrders?.[policy] ?? "position"}`;
}

function chainLine(chain: ChainSummary, chains: number): string {
  return [
    `${chains > 1 ? `chain ${chain.chain + 1}: ` : ""}${formatCount(chain.promptTokens)} + ${formatCount(chain.tokens)} tokens`,
    `${formatCount(chain.steps)} steps`,
    `${formatCount(chain.compactions)} compactions in ${duration(chain.compactionMillis)}`,
    `${formatCount(chain.evicted)} evicted over all layers and heads`,
  ].join(" · ");
}

function endLines({ stopReason, millis, recovery, damagedRecords }: TraceSummary): string[] {
  const lines: string[] = [];
  if (stopReason !== null) lines.push(`ended: ${stopReason}, after ${duration(millis ?? 0)}`);
  else lines.push("has no end: it is still being written, or its writer was stopped");
  if (recovery.problem !== undefined)
    lines.push(
      `${recovery.problem} ${formatCount(recovery.bytes)} of ${formatCount(recovery.of)} bytes were recovered.`,
    );
  if (damagedRecords > 0)
    lines.push(`${damagedRecords} records of scores or keys are damaged and are left out.`);
  return lines;
}
