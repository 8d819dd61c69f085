/** When a compaction is due, and how many slots it leaves. Pure: the decode loop asks after every step. */
import { policies } from "../../policies";
import type { CacheSettings } from "../../shared/settings/settings";
import type { CompactionCause } from "../../shared/trace/records";

/** How a cache stands between two steps. */
export interface Standing {
  /** Slots per KV head of the fullest layer. */
  slots: number;
  /** Tokens read so far. */
  position: number;
  promptLength: number;
}

/**
 * Slots a head retains in a compaction, Infinity where nothing is ever evicted. A share counts the
 * tokens so far and is at least window + 1. Never less than what is retained by construction: the
 * window and, if pinned, the prompt, even where these alone pass the budget.
 */
export function slotsRetained(settings: CacheSettings, standing: Standing): number {
  const { budget, policy, observationWindow: window } = settings;
  if (!policies[policy].score || budget.kind === "full") return Infinity;
  const asked =
    budget.kind === "count"
      ? budget.slots
      : Math.max(window + 1, Math.floor((standing.position * budget.percent) / 100));
  const pinned = settings.pinPrompt ? standing.promptLength : 0;
  return Math.max(asked, pinned + window);
}

/**
 * Whether to compact now, and why. Due as soon as a head holds `budget + buffer` slots; at once
 * after `changedFrom` (the settings before) if the new ones retain fewer slots than the old ones.
 */
export function compactionDue(
  settings: CacheSettings,
  standing: Standing,
  changedFrom?: CacheSettings,
): CompactionCause | undefined {
  const retained = slotsRetained(settings, standing);
  const full = standing.slots >= retained + settings.buffer;
  if (changedFrom && standing.slots > retained) {
    if (retained < slotsRetained(changedFrom, standing)) return "budget";
    if (full) return "settings";
  }
  if (!full) return undefined;
  return standing.position === standing.promptLength ? "prompt" : "buffer";
}
