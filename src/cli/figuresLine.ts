/** How a run stands and how it ended, in one line each. */
import { shownChain } from "../shared/answers/vote";
import type { CacheFigures, GenerationEnd, StopReason } from "../shared/wire/engineApi";
import { bytes as formatBytes, count as formatCount, duration } from "../shared/units";

type Figures = Omit<CacheFigures, "compactions"> & { tokensPerSecond: number };

/** The most telling first: a narrow terminal cuts the rest. */
export function figuresLine(figures: Figures): string {
  return [
    `${formatCount(figures.position)} tokens`,
    `${formatCount(figures.retained)} held per layer`,
    `${formatCount(figures.evicted)} evicted`,
    `cache ${formatBytes(figures.kvBytes)} of ${formatBytes(figures.kvBytesFull)}`,
    `${figures.tokensPerSecond.toFixed(1)} tokens/s`,
  ].join(" · ");
}

export function endLine(end: GenerationEnd, chains: number): string {
  const reason = describeStop(end.chains[shownChain(end.vote)]?.stopReason ?? "end");
  const of = chains > 1 ? ` in ${chains} chains` : "";
  return [
    `${formatCount(end.promptTokens)} + ${formatCount(end.tokens)} tokens${of} in ${duration(end.millis)}`,
    `${end.tokensPerSecond.toFixed(1)} tokens/s`,
    `${formatCount(end.compactions)} compactions`,
    `${formatCount(end.retained)} held and ${formatCount(end.evicted)} evicted per layer`,
    `cache ${formatBytes(end.kvBytes)} of ${formatBytes(end.kvBytesFull)}`,
    ...(reason === undefined ? [] : [reason]),
  ].join(" · ");
}

export function describeStop(reason: StopReason): string | undefined {
  switch (reason) {
    case "end":
      return undefined;
    case "length":
      return "stopped at --max-tokens";
    case "context":
      return "stopped where the model's context ends";
    case "cancelled":
      return "stopped by you";
    case "settled":
      return "stopped because the vote was settled";
    case "non-finite":
      return "stopped because the model produced NaN or infinity";
    default:
      return reason satisfies never;
  }
}
