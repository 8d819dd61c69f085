/** Which candidates would fare otherwise with another λ, budget or threshold: to first order. */
import { flips, type Decision, type Flips } from "../model/decision";
import { headName } from "../model/explanation";
import { flipWords } from "../model/flipWords";
import type { Instead, Scene } from "../scene/scene";
import type { Data } from "../state/data";
import {
  asideOf,
  explained,
  explainedDecision,
  explainedSimilarities,
  similarityAbsence,
  supposedRedundancy,
} from "../state/explained";
import type { State, Supposed } from "../state/state";
import { absent, counting, noCompaction, nothingToShow, scoresAbsent } from "./parts/absent";
import { flipPlot, flipTable } from "./parts/flips";
import {
  compactionOf,
  isSupposed,
  presets,
  questions,
  supposedOf,
  suppositions,
} from "./parts/suppositions";

export function whatIf(state: Readonly<State>, data: Data): Scene {
  const asked = explained(state);
  const found = asked && explainedDecision(state, data, asked);
  const supposed = supposedOf(state, data);
  const flipped = data.derive("flips", () => flipsOf(state, data));
  const aside = asideOf(state);
  const isWeighable = found && supposed && hasParts(found);
  const controls = isWeighable ? suppositions(state, found, supposed) : [];
  const table = () => flipTable(state, flipped ?? none);
  if (!found || !supposed || !flipped)
    return { ...nothingToShow(absence(state, data), table), aside, controls };
  return {
    sentence: sentence(state, found, supposed, flipped),
    aside,
    controls,
    plots: [flipPlot(state, supposed, flipped)],
    table,
  };
}

const none: Flips = { savedInstead: [], evictedInstead: [] };

function absence(state: Readonly<State>, data: Data): Instead {
  const asked = explained(state);
  if (!asked) return noCompaction;
  const found = explainedDecision(state, data, asked);
  if (!found) return scoresAbsent(state, data);
  if (!hasParts(found))
    return { text: "Only scores of importance and redundancy, as R-KV's, can be weighed anew." };
  if (!supposedOf(state, data)) return counting;
  const missing = "This trace does not hold the keys that another threshold asks for.";
  return absent(similarityAbsence(state, data, asked), "Reading the keys…", missing);
}

const hasParts = ({ candidates }: Decision): boolean =>
  candidates.every(({ importance, redundancy }) => !Number.isNaN(importance + redundancy));

/** Undefined where what it takes is not there. */
function flipsOf(state: Readonly<State>, data: Data): Flips | undefined {
  const asked = explained(state);
  const found = asked && explainedDecision(state, data, asked);
  const supposed = supposedOf(state, data);
  if (!found || !supposed || !hasParts(found)) return undefined;
  const { lambda: logged, similarityThreshold } = compactionOf(state);
  const { lambda = logged, retain = found.cut, threshold = similarityThreshold } = supposed;
  if (threshold === similarityThreshold) return flips(found, { lambda, retain });
  const similar = explainedSimilarities(state, data, asked);
  const redundancy = similar && supposedRedundancy(similar, threshold);
  return redundancy && flips(found, { lambda, retain, redundancy });
}

/** Of the chosen head in this compaction alone: what later ones would have done is not known. */
function sentence(
  state: Readonly<State>,
  found: Decision,
  supposed: Supposed,
  flipped: Flips,
): string {
  const asked = explained(state);
  if (!asked) return "";
  const where = `${headName(asked)}, compaction ${asked.compaction + 1}`;
  if (!isSupposed(supposed))
    return `In ${where}, none of λ ${presets.join(", ")} would have made a difference.`;
  const changes = questions.flatMap(({ name, label, logged }) => {
    const [is, was] = [supposed[name], logged(state, found)];
    return is === undefined || is === was ? [] : [`${label} ${plain(is)} instead of ${plain(was)}`];
  });
  const words = flipWords(state.run.texts, changes, flipped, found.cut);
  return `${words} This is first order, of ${where} alone: later compactions are not run again.`;
}

const plain = (value: number): string => String(Number(value.toFixed(3)));
