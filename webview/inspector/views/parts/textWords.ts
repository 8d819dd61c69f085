/** What the text's sentence says. */
import { sum } from "d3";
import { count, counted } from "../../../../src/shared/units";
import { heldShare } from "../../model/moment";
import { rowsOfLine } from "../../model/retention";
import type { Data } from "../../state/data";
import { momentOf, selectedRange, type State } from "../../state/state";
import { historyOf } from "./history";
import { named } from "./positions";

/** What is known of the selected tokens, else how much of the text is held at all. */
export function textSentence(state: Readonly<State>, data: Data): string {
  const [from, to] = selectedRange(state) ?? [0, 0];
  if (to === from) return heldWords(state, data);
  return to === from + 1 ? tokenWords(state, from) : rangeWords(state, from, to);
}

/** “Of 2,035 tokens, 507 are still held somewhere; of the prompt, 38 of 40.” */
function heldWords(state: Readonly<State>, data: Data): string {
  const { tokens, compactions } = state;
  if (compactions === 0)
    return `All ${counted(tokens, "token")} are held: nothing was evicted yet.`;
  const steps = historyOf(state, data);
  if (steps?.[0]?.step.from !== 0) return "A struck word is held by no head any more.";
  const gone = sum(steps, ({ survival }) => survival.forgottenAfter(compactions));
  const all = `Of ${counted(tokens, "token")}, ${count(tokens - gone)} are still held by some head`;
  const [{ step, survival }] = steps;
  if (step.kind !== "prompt") return `${all}.`;
  const length = step.to - step.from;
  return `${all}; of the prompt, ${count(length - survival.forgottenAfter(compactions))} of ${count(length)}.`;
}

function tokenWords(state: Readonly<State>, position: number): string {
  const { run, compactions, tokens, layer } = state;
  const name = named(run, position);
  if (position >= tokens) return `${name} is not yet written.`;
  const { evictions, header } = run;
  const all = evictions.heldBy(position, compactions);
  const forgotten = evictions.forgottenAt(position);
  if (all === 0)
    return `${name} is held by none: the last head evicted it at compaction ${forgotten + 1}.`;
  const here = evictions.heldBy(position, compactions, ...rowsOfLine(run, layer, false));
  return `${name} is still held by ${all} of ${counted(evictions.rowCount, "KV head")}: ${here} of ${header.kvHeads} in layer ${layer}.`;
}

function rangeWords(state: Readonly<State>, from: number, to: number): string {
  const moment = momentOf(state);
  const held = Array.from({ length: to - from }, (_, at) =>
    heldShare(state.run, from + at, moment),
  );
  const some = held.filter((share) => share > 0).length;
  return `Of the ${counted(to - from, "token")} from ${from} to ${to - 1}, ${count(some)} are still held by some head.`;
}
