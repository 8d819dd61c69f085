/** What the chains of a run answer and hold, in sentences, lines and a table. */
import { mean } from "d3";
import { percent } from "../../../../src/shared/units";
import {
  clearDifference,
  clearlyKept,
  sides,
  type Chain,
  type Chains,
  type HeldBySides,
} from "../../model/chains";
import { cut, quoted } from "../../model/numbers";
import type { List } from "../../scene/scene";
import type { Row, Table } from "../../scene/table";

const mostLines = 12;

/** @param texts of the prompt's tokens */
export function chainWords(chains: Chains, texts: readonly string[]): string {
  const { all, of, vote } = chains;
  const [agreeing, others] = sides(chains);
  const missing = all.length < of ? ` The first ${all.length} are shown.` : "";
  const cutOff = chains.isCut
    ? " They hold more than is counted here: these are their beginnings."
    : "";
  const end = missing + cutOff;
  if (!vote) return `None of the ${of} chains has answered.${end}`;
  const many = agreeing.length === of ? `All ${of}` : `${agreeing.length} of ${of}`;
  const answer = `${many} chains ${agreeing.length === 1 ? "answers" : "answer"} ${cut(vote.answer)}.`;
  if (others.length > 0) return `${answer} ${differenceWords(chains, texts)}${end}`;
  return `${answer} At their ends they hold ${percent(mean(chains.held) ?? NaN)} of the prompt.${end}`;
}

function differenceWords(chains: Chains, texts: readonly string[]): string {
  const [first, second] = clearlyKept(chains);
  const [agreeing, others] = sides(chains).map(({ length }) => length);
  const most = percent(clearDifference);
  if (!first)
    return `Of each token of the prompt, the majority holds less than ${most} of heads more than the others.`;
  const gone = others === 1 ? "The other one" : `The ${others} others`;
  const shares = ({ others: theirs, agreeing: mine }: HeldBySides): string =>
    `${percent(theirs)} of heads against ${percent(mine)}`;
  const name = ({ position }: HeldBySides): string => quoted(texts[position] ?? "");
  const more = second ? `, and of ${name(second)} (${shares(second)})` : "";
  const verb = others === 1 ? "holds" : "hold";
  return `${gone} ${verb} less of ${name(first)} in the prompt than the ${agreeing} (${shares(first)})${more}.`;
}

/** Each leads to its token. */
export function keptMoreList(chains: Chains, texts: readonly string[]): List | undefined {
  const found = clearlyKept(chains);
  if (found.length === 0) return undefined;
  return {
    title: "Of the prompt, the majority holds more of",
    lines: found.slice(0, mostLines).map(({ position, agreeing, others }) => {
      const detail = `at ${position}: ${percent(agreeing)} of heads, the others ${percent(others)}`;
      return { words: quoted(texts[position] ?? ""), detail, target: { position } };
    }),
    more: Math.max(0, found.length - mostLines),
  };
}

export function chainTable(chains: Chains | undefined): Table {
  const columns = ["chain", "answer", "agrees with the majority", "tokens", "prompt held"];
  return { columns, rows: chains ? chains.all.map((chain) => rowOf(chains, chain)) : [] };
}

function rowOf({ vote, held, promptTokens }: Chains, { chain, answer, tokens }: Chain): Row {
  const own = held.subarray(chain * promptTokens, (chain + 1) * promptTokens);
  const agrees = vote?.chains.includes(chain) ? "yes" : "no";
  return [chain + 1, answer ?? "", agrees, tokens, mean(own) ?? NaN];
}
