/** The sentence of the redundancy map: what the chosen token repeats, or which steps are alike. */
import { bisectLeft, range } from "d3";
import { count, counted } from "../../../../src/shared/units";
import { mostAlike, type Alike } from "../../model/alikeSteps";
import { sparedSlots } from "../../model/similarity";
import type { StepMeans } from "../../model/stepSimilarity";
import { capital, stepsNamed } from "../../model/stepWords";
import type { Explained } from "../../state/explained";
import { staysAfter, type Shown } from "../../state/similarities";
import type { State } from "../../state/state";
import { named } from "./positions";
import type { Chosen } from "./similarityPlots";

const cosine = (value: number): string => `cosine ${value.toFixed(2)}`;
const slotsOf = (value: number): string => counted(value, "slot");

function whereWords({ layer, head, compaction }: Explained): string {
  return `layer ${layer}, head ${head} at compaction ${compaction + 1}`;
}

/** Of a selected token that is no slot there. */
export function absentWords({ run }: Readonly<State>, { asked, found }: Shown, at: number): string {
  const slots = slotsOf(found.positions.length);
  return `${named(run, at)} was not among the ${slots} of ${whereWords(asked)}.`;
}

/** Of a selected token: how often it is repeated, by what most of all, and which one is spared. */
export function chosenWords(state: Readonly<State>, shown: Shown, chosen: Chosen): string {
  const { slot, near } = chosen;
  const { positions, threshold } = shown.found;
  const at = positions[slot];
  const fate = staysAfter(state, shown.asked, at) ? "It stayed." : "It was evicted.";
  const where = `the ${slotsOf(positions.length)} of ${whereWords(shown.asked)}`;
  const token = named(state.run, at);
  const [nearest] = near;
  if (!nearest)
    return `${token} repeats none of ${where}: no cosine is above ${threshold}. ${fate}`;
  const of = (other: number): string => named(state.run, positions[other]);
  const spared = near.find((neighbour) => neighbour.spared) ?? nearest;
  const last =
    spared === nearest
      ? `which is spared as the last of them`
      : `and ${of(spared.slot)} is spared as the last of them`;
  const most = `most of all ${of(nearest.slot)} (${cosine(nearest.similarity)})`;
  return `${token} repeats ${count(near.length)} of ${where}, ${most}, ${last}. ${fate}`;
}

/** Of a whole head: how many slots repeat another one, and which steps are most alike. */
export function headWords(
  { run }: Readonly<State>,
  { asked, found }: Shown,
  means: StepMeans | undefined,
): string {
  const { positions, threshold, values, order } = found;
  const slots = positions.length;
  const repeating = positions.filter((_, slot) =>
    values.subarray(slot * slots, (slot + 1) * slots).some((value) => value > threshold),
  );
  const all = repeating.length === slots && slots > 1;
  const share = all ? `All ${slotsOf(slots)}` : `${count(repeating.length)} of ${slotsOf(slots)}`;
  const verb = repeating.length === 1 ? "repeats" : "repeat";
  const first = `${share} of ${whereWords(asked)} ${verb} another one (cosine above ${threshold}).`;
  const alike = means && mostAlike(means);
  if (!alike) return first;
  const steps = alike.places.map((place) => means.groups[place]);
  const own = steps.flatMap((step) => {
    const { from, to } = run.steps[step];
    return range(bisectLeft(positions, from), bisectLeft(positions, to));
  });
  const spared = sparedSlots(values, order, threshold);
  const saved = own.filter((slot) => spared[slot] === 1).length;
  const which = alikeWords(capital(stepsNamed(run.steps, steps)), alike, threshold);
  return `${first} ${which}; ${count(saved)} of their ${counted(own.length, "token")} ${saved === 1 ? "is" : "are"} spared.`;
}

/** “Steps 9 and 11 repeat each other (mean cosine 0.71)” */
export function alikeWords(steps: string, { mean }: Alike, threshold: number, more = ""): string {
  const verb = mean > threshold ? "repeat each other" : "are most alike";
  return `${steps} ${verb} (mean ${cosine(mean)}${more})`;
}
