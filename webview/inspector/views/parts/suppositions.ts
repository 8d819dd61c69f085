/** What may be supposed otherwise: the presets, a slider for each, and what holds while none is moved. */
import { flips, type Decision } from "../../model/decision";
import type { Work } from "../../model/pieces";
import type { Control } from "../../scene/scene";
import type { Data } from "../../state/data";
import { explained, explainedDecision } from "../../state/explained";
import type { State, Supposed } from "../../state/state";

/** Values of λ that are offered. */
export const presets = [0, 0.3, 0.5, 1];

/** The compaction that is explained. */
export const compactionOf = (state: Readonly<State>) =>
  state.run.compactions[explained(state)?.compaction ?? 0];

export const isSupposed = (supposed: Supposed): boolean =>
  Object.values(supposed).some((value) => value !== undefined);

/**
 * What is supposed; where nobody supposed anything, the nearest λ that makes a difference, and
 * nothing where none does. Undefined while that is not known.
 */
export function supposedOf(state: Readonly<State>, data: Data): Supposed | undefined {
  if (isSupposed(state.supposed)) return state.supposed;
  const asked = explained(state);
  const decision = asked && explainedDecision(state, data, asked);
  if (!decision) return undefined;
  const name = Object.values(asked).join(" ");
  const { lambda } = compactionOf(state);
  const nearest = data.counted(state.run, "preset", name, () => nearestPreset(decision, lambda));
  if (nearest === undefined) return undefined;
  return Number.isNaN(nearest) ? {} : { lambda: nearest };
}

/** NaN where none of them makes a difference. */
function* nearestPreset(decision: Decision, logged: number): Work<number> {
  const near = presets.toSorted((a, b) => Math.abs(a - logged) - Math.abs(b - logged));
  for (const lambda of near) {
    const { savedInstead } = flips(decision, { lambda, retain: decision.cut });
    if (lambda !== logged && savedInstead.length > 0) return lambda;
    yield;
  }
  return NaN;
}

export function suppositions(
  state: Readonly<State>,
  found: Decision,
  supposed: Supposed,
): Control[] {
  return [
    ...presets.map((lambda): Control => {
      const isOn = supposed.lambda === lambda;
      return {
        control: "toggle",
        label: `λ ${lambda}`,
        isOn,
        change: { supposed: { ...supposed, lambda } },
      };
    }),
    ...questions.map((question) => sliderOf(state, found, supposed, question)),
  ];
}

interface Question {
  name: keyof Supposed;
  label: string;
  step: number;
  largest: (decision: Decision) => number;
  logged: (state: Readonly<State>, decision: Decision) => number;
}

export const questions: Question[] = [
  {
    name: "lambda",
    label: "λ",
    step: 0.01,
    largest: () => 1,
    logged: (state) => compactionOf(state).lambda,
  },
  {
    name: "retain",
    label: "retained",
    step: 1,
    largest: (decision) => decision.candidates.length,
    logged: (_, decision) => decision.cut,
  },
  {
    name: "threshold",
    label: "threshold",
    step: 0.01,
    largest: () => 1,
    logged: (state) => compactionOf(state).similarityThreshold,
  },
];

function sliderOf(
  state: Readonly<State>,
  found: Decision,
  supposed: Supposed,
  { name, label, step, largest, logged }: Question,
): Control {
  const was = logged(state, found);
  return {
    control: "slider",
    label,
    value: supposed[name] ?? was,
    largest: largest(found),
    step,
    isDisabled: false,
    isLogged: (supposed[name] ?? was) === was,
    change: (value = was) => ({ supposed: { ...supposed, [name]: value } }),
  };
}
