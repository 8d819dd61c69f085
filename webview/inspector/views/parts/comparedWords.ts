/** What two runs say and hold beside each other, in sentences. */
import { count, counted, percent } from "../../../../src/shared/units";
import { sameAnswer } from "../../../../src/shared/answers/answers";
import { answerOf } from "../../model/answer";
import { commonLength, comparedAt, relation } from "../../model/comparison";
import { agreed, type HeldByTwo } from "../../model/heldByTwo";
import { stepAt } from "../../model/moment";
import { cut, quoted } from "../../model/numbers";
import type { Run } from "../../model/run";
import { namesOf } from "../../model/runNames";
import { stepName } from "../../model/stepHistory";

/** Tokens that are quoted on either side of the place where two runs part. */
const quotedTokens = 5;

/** @param moment length of the text @param held of what they share, by layer */
export function comparedWords(run: Run, other: Run, moment: number, held?: HeldByTwo): string {
  const tokens = comparedAt(run, other, moment);
  const answers = answerWords(run, other);
  const how = relation(run, other, tokens);
  switch (how) {
    case "empty":
      return `${run.tokens === 0 ? "This run" : "The other run"} has no tokens yet.`;
    case "otherShape":
      return `${answers} They are of models of other layers or heads (${shapeOf(run)}; ${shapeOf(other)}), so what they hold is not laid side by side.`;
    case "otherPrompt":
      return `${answers} They were asked different things: their prompts say the same for ${counted(commonLength(run, other), "token")} and part at ${partingWords(run, other)}.`;
    case "allHeld":
      return `${answers} ${sameWords(run, other)} Up to this moment neither has evicted anything.`;
    case "comparable":
      return `${answers} ${sameWords(run, other)} ${heldWords(run, other, tokens, held)}`.trim();
    default:
      return how satisfies never;
  }
}

function answerWords(run: Run, other: Run): string {
  const [mine, theirs] = namesOf(run, other);
  const [first, second] = [run, other].map(answerOf);
  if (first === undefined && second === undefined)
    return `Neither ${mine} nor ${theirs} has answered.`;
  if (first !== undefined && second !== undefined && sameAnswer(first, second))
    return `${sentenceOf(mine)} and ${theirs} both answer ${cut(first)}.`;
  const told = (answer: string | undefined): string =>
    answer === undefined ? "has no answer" : `answers ${cut(answer)}`;
  return sentenceOf(`${mine} ${told(first)}, ${theirs} ${told(second)}.`);
}

const sentenceOf = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
const shapeOf = ({ header: { layers, kvHeads } }: Run): string =>
  `${counted(layers, "layer")} of ${counted(kvHeads, "head")}`;

function sameWords(run: Run, other: Run): string {
  const common = commonLength(run, other);
  const length = counted(common, "token");
  if (common < Math.min(run.tokens, other.tokens))
    return `They say the same for ${length} and part at ${partingWords(run, other)}.`;
  if (run.tokens !== other.tokens)
    return `They say the same for ${length}, where ${run.tokens < other.tokens ? "this run" : "the other"} ends.`;
  return `They say the same from beginning to end, ${length}.`;
}

/** ““Wait” / “So”, in step 7, after “Dan 24.”” */
function partingWords(run: Run, other: Run): string {
  const common = commonLength(run, other);
  const [mine, theirs] = [run, other].map(({ texts }) => quoted(texts[common] ?? ""));
  const before = run.texts.slice(Math.max(0, common - quotedTokens), common).join("");
  const after = before === "" ? "" : `, after ${quoted(before)}`;
  return `${mine} / ${theirs}${stepWords(run, common)}${after}`;
}

function stepWords({ steps }: Run, position: number): string {
  const step = stepAt(steps, position);
  if (step < 0) return "";
  return `, in ${steps[step].kind === "prompt" ? "the prompt" : stepName(steps[step], step).toLowerCase()}`;
}

function heldWords(run: Run, other: Run, tokens: number, held: HeldByTwo | undefined): string {
  if (!held) return "";
  const layers = Array.from(held.both, (_, layer) => agreed(held, [layer]));
  const all = agreed(held, [...layers.keys()]);
  const when = whenWords(run, other, tokens);
  if (Number.isNaN(all)) return `${when} neither holds any of these tokens.`;
  const words = `${when} both hold ${percent(all)} of what either holds of these tokens`;
  const [least, most] = [Math.min, Math.max].map((of) => of(...layers.filter((one) => one >= 0)));
  if (percent(least) === percent(most)) return `${words}.`;
  return `${words}, most alike in layer ${layers.indexOf(most)} (${percent(most)}).`;
}

function whenWords(run: Run, other: Run, tokens: number): string {
  const common = commonLength(run, other);
  if (tokens < common) return `At token ${count(tokens)}`;
  if (tokens > common) return "Now";
  return common === run.tokens && common === other.tokens ? "At their ends" : "There";
}
