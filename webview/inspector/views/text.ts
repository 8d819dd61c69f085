/** The text itself: every token shaded by what still holds it, struck where nothing does. */
import { heldShare, stepAt } from "../model/moment";
import { stepName } from "../model/stepHistory";
import type { Control, Flow, Paragraph, Scene, Target } from "../scene/scene";
import type { Data } from "../state/data";
import { momentOf, selectedRange, type State } from "../state/state";
import { pickedSoFar } from "../state/stepSimilarities";
import { noTokens, nothingToShow } from "./parts/absent";
import { historyOf } from "./parts/history";
import { textSentence } from "./parts/textWords";
import { tokenTable } from "./parts/tokenTable";

/** Above it the text is shown without them: no reader would count so many. */
const mostSteps = 4_000;

export function text(state: Readonly<State>, data: Data): Scene {
  const found = data.derive("found", () => foundIn(state));
  const sentence = textSentence(state, data);
  const controls = [find(state, found)];
  const table = () => tokenTable(state, 0, state.tokens);
  if (state.run.tokens === 0) return { ...nothingToShow(noTokens, table, sentence), controls };
  const flow = flowOf(state, data, found);
  return { sentence, plots: [], flow, controls, arrows: arrows(state), table };
}

function flowOf(state: Readonly<State>, data: Data, found: number[]): Flow {
  const { run, selected, hovered, tokens } = state;
  const [from, to] = selectedRange(state) ?? [-1, -1];
  const moment = momentOf(state);
  const isFound = new Set(found);
  const pairs = pickedSoFar(state, data)?.nearest ?? [];
  const isPaired = new Set(pairs.flatMap(({ one, other }) => [one, other]));
  return {
    source: run,
    paragraphs: data.derive("paragraphs", () => paragraphs(state, data)),
    text: (position) => run.texts[position],
    look: (position) => ({
      held: heldShare(run, position, moment),
      isSelected: position >= from && position < to,
      isPointed: position === hovered,
      isFound: isFound.has(position),
      isPaired: isPaired.has(position),
      isNewest: position === tokens - 1,
    }),
    reveals: [selected, found[0], pairs[0]?.one],
    moment: momentIn(state),
  };
}

/** A run that was never scrubbed is read from its beginning. */
function momentIn({ live, following, tokens }: Readonly<State>): number | undefined {
  return live || !following ? Math.max(0, tokens - 1) : undefined;
}

function paragraphs(state: Readonly<State>, data: Data): Paragraph[] {
  const { run, compactions } = state;
  const steps = run.steps.length > mostSteps ? [] : run.steps;
  if (steps.length === 0) return [{ from: 0, to: run.tokens, held: NaN }];
  const histories = historyOf(state, data);
  return steps.map((step, index) => ({
    name: stepName(step, index),
    title: step.title,
    from: step.from,
    to: step.to,
    held: histories?.[index]?.survival.heldAfter(compactions) ?? NaN,
  }));
}

/** Positions of the tokens that hold what is searched for, ascending. */
function foundIn({ search, run }: Readonly<State>): number[] {
  const wanted = search.toLowerCase();
  if (wanted === "") return [];
  return run.texts.flatMap((word, position) =>
    word.toLowerCase().includes(wanted) ? [position] : [],
  );
}

function find({ search, selected, run }: Readonly<State>, found: number[]): Control {
  const to = (position: number | undefined): Target | undefined =>
    position === undefined ? undefined : { position };
  const [from, end] = [selected ?? -1, selected ?? run.tokens];
  return {
    control: "find",
    text: search,
    before: to(found.findLast((position) => position < end) ?? found.at(-1)),
    after: to(found.find((position) => position > from) ?? found[0]),
  };
}

/** To the beginning of the step before and after. */
function arrows({ run: { steps }, selected, tokens }: Readonly<State>): Scene["arrows"] {
  const at = stepAt(steps, selected ?? tokens - 1);
  const to = (step: number): Target | undefined => steps[step] && { position: steps[step].from };
  return { ArrowUp: to(at - 1), ArrowDown: to(at + 1) };
}
