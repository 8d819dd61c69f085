/** What may be supposed otherwise, each with a slider. */
import type { Decision } from "../../model/decision";
import type { Control } from "../../scene/scene";
import { explained } from "../../state/explained";
import type { State, Supposed } from "../../state/state";

/** The compaction that is explained. */
export const compactionOf = (state: Readonly<State>) =>
  state.run.compactions[explained(state)?.compaction ?? 0];

export function sliders(state: Readonly<State>, found: Decision | undefined): Control[] {
  return questions.map((question) => sliderOf(state, found, question));
}

interface Question {
  name: keyof Supposed;
  label: string;
  step: number;
  largest: (decision: Decision | undefined) => number;
  logged: (state: Readonly<State>, decision: Decision | undefined) => number;
}

const questions: Question[] = [
  {
    name: "lambda",
    label: "λ",
    step: 0.01,
    largest: () => 1,
    logged: (state) => compactionOf(state)?.lambda ?? 0,
  },
  {
    name: "retain",
    label: "retained",
    step: 1,
    largest: (decision) => decision?.candidates.length ?? 1,
    logged: (_, decision) => decision?.cut ?? 0,
  },
  {
    name: "threshold",
    label: "threshold",
    step: 0.01,
    largest: () => 1,
    logged: (state) => compactionOf(state)?.similarityThreshold ?? 0,
  },
];

function sliderOf(
  state: Readonly<State>,
  found: Decision | undefined,
  { name, label, step, largest, logged }: Question,
): Control {
  const { supposed } = state;
  return {
    control: "slider",
    label,
    value: supposed[name] ?? logged(state, found),
    largest: largest(found),
    step,
    isDisabled: !found || compactionOf(state).policy !== "rkv",
    isLogged: supposed[name] === undefined,
    change: (value) => ({ supposed: { ...state.supposed, [name]: value } }),
  };
}
