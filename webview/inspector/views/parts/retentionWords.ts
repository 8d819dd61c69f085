/** What the retention map's sentence says. */
import { greatest, least } from "d3";
import { count, counted, percent } from "../../../../src/shared/units";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";

/** Of the tokens so far, what the layers hold; and which of them hold most and least of the prompt. */
export function retentionSentence(state: Readonly<State>, data: Data): string {
  const { run, tokens, compactions } = state;
  const all = `all ${counted(tokens, "token")}`;
  if (compactions === 0) return `Before the first compaction every layer holds ${all}.`;
  const held = slotsHeld(state, data) + (tokens - run.compactions[compactions - 1].position);
  const share = percent(held / Math.max(1, tokens));
  const now = `After compaction ${compactions} a KV head holds ${count(held)} of ${counted(tokens, "token")} (${share})`;
  return `${now}${promptWords(data.derive("prompt", () => promptShares(state)))}.`;
}

/** Slots of a KV head right after the last compaction, in the mean over all of them. */
function slotsHeld(state: Readonly<State>, data: Data): number {
  return data.derive("slots", () => {
    const { run, compactions } = state;
    const { evictions } = run;
    let lost = 0;
    for (let at = 0; at < compactions; at++) lost += evictions.evictedBy(at).rows.length;
    return run.compactions[compactions - 1].position - lost / evictions.rowCount;
  });
}

/** [layers that decided something] share of the prompt that each holds, 0 to 1. */
function promptShares({ run, compactions }: Readonly<State>): Map<number, number> {
  const { promptTokens, header, evictions } = run;
  const slots = promptTokens * header.kvHeads;
  const shares = new Map<number, number>();
  for (const row of evictions.decidedRows()) {
    const layer = Math.floor(row / header.kvHeads);
    const lost = evictions
      .row(row)
      .subarray(0, promptTokens)
      .filter((at) => at < compactions);
    shares.set(layer, (shares.get(layer) ?? 1) - lost.length / slots);
  }
  return shares;
}

function promptWords(shares: Map<number, number>): string {
  const layers = [...shares].filter(([, share]) => Number.isFinite(share));
  const [most, few] = [greatest(layers, ([, share]) => share), least(layers, ([, share]) => share)];
  if (!most || !few) return "";
  const [highest, lowest] = [most, few].map(([, share]) => percent(share));
  if (highest === lowest) return `, and ${highest} of the prompt`;
  return `. Of the prompt, layer ${most[0]} still holds ${highest}, layer ${few[0]} ${lowest}`;
}
