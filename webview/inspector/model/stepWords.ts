/** Steps as they are named in a sentence and in a list. */
import type { Step } from "./run";

type Named = Pick<Step, "kind">;

/** “steps 9, 11 and 13”, “the prompt and step 2”; most of them by their number alone. */
export function stepsNamed(steps: readonly Named[], chosen: readonly number[]): string {
  const prompts = chosen.filter((index) => steps[index]?.kind === "prompt");
  const others = chosen.filter((index) => steps[index] && steps[index].kind !== "prompt");
  const numbers = others.map(String);
  if (prompts.length === 0) return `${numbers.length === 1 ? "step" : "steps"} ${listed(numbers)}`;
  return listed(["the prompt", ...numbers.map((number) => `step ${number}`)]);
}

/** Steps [from, to) next to each other: “step 4”, “steps 4 to 6”, “the prompt to step 2”. */
export function stepRange(steps: readonly Named[], [from, end]: readonly [number, number]): string {
  const to = Math.min(end, steps.length);
  if (to - from <= 1) return stepsNamed(steps, [from]);
  const first = steps[from]?.kind === "prompt" ? "the prompt to step" : `steps ${from} to`;
  return `${first} ${to - 1}`;
}

/** “a”, “a and b”, “a, b and c” */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
