/** Similarity of every two keys of one head; importance and redundancy stand at the margins. */
import { quoted } from "../model/numbers";
import { neighbours } from "../model/similarity";
import type { Instead, Legend, Scene, Size, Target } from "../scene/scene";
import type { Data } from "../state/data";
import {
  explained,
  explainedName,
  explainedSimilarities,
  similarityAbsence,
  type Similarities,
} from "../state/explained";
import type { State } from "../state/state";
import { absent, noCompaction, nothingToShow } from "./parts/absent";
import { neighbourTable } from "./parts/neighbourTable";
import { margins, matrix, type Chosen } from "./parts/similarityPlots";

export function redundancy(state: Readonly<State>, data: Data, size: Size): Scene {
  const asked = explained(state);
  const found = asked && explainedSimilarities(state, data, asked);
  const name = asked ? explainedName(asked) : "";
  if (!found) {
    const table = () => neighbourTable(state, undefined);
    return nothingToShow(absence(state, data), table, name);
  }
  const chosen = chosenIn(found, state.selected);
  return {
    sentence: `${name} · ${found.positions.length} slots`,
    columns: [1, "thin"],
    rows: ["thin", 1],
    plots: [matrix(state, data, size, found, chosen), ...margins(state, data, found)],
    legend: legend(state, found, chosen),
    arrows: chosen.slot < 0 ? undefined : arrows(found, chosen),
    table: () => neighbourTable(state, found),
  };
}

function chosenIn(found: Similarities, selected = -1): Chosen {
  const slot = found.positions.indexOf(selected);
  const near = slot < 0 ? [] : neighbours(found.values, found.order, slot, found.threshold);
  return { slot, near };
}

function absence(state: Readonly<State>, data: Data): Instead {
  const asked = explained(state);
  if (!asked) return noCompaction;
  if (!data.hasKeys(state.run, state.layer)) return { text: "This trace holds no keys." };
  const missing = "This trace does not hold all keys of this compaction.";
  return absent(similarityAbsence(state, data, asked), "Reading the keys…", missing);
}

function legend(
  { run: { texts } }: Readonly<State>,
  { threshold, positions }: Similarities,
  { slot, near }: Chosen,
): Legend {
  const ramp = {
    scale: { scale: "similar" as const, above: threshold },
    high: "same key",
    low: "unlike",
  };
  const words = ["near-duplicate", `above ${threshold}`];
  if (slot < 0) return { ramp, words, brief: `cosine 0 to 1, near-duplicate above ${threshold}` };
  const spared = near.find((neighbour) => neighbour.spared);
  const at = spared && positions[spared.slot];
  const last = at === undefined ? [] : ["last is spared:", `${quoted(texts[at])} at ${at}`];
  return {
    ramp,
    words: [...words, `${near.length} of ${quoted(texts[positions[slot]])}`, ...last],
    brief: `${near.length} near-duplicates${at === undefined ? "" : `, spared at ${at}`}`,
  };
}

/** To the near-duplicate before and after the selected slot. */
function arrows({ positions }: Similarities, { slot, near }: Chosen): Scene["arrows"] {
  const others = near.map((neighbour) => neighbour.slot).sort((a, b) => a - b);
  const to = (other: number | undefined): Target =>
    other === undefined ? {} : { position: positions[other] };
  const before = to(others.findLast((other) => other < slot));
  const after = to(others.find((other) => other > slot));
  return { ArrowLeft: before, ArrowUp: before, ArrowRight: after, ArrowDown: after };
}
