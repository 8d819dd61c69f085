import type { Instead, Scene } from "../../scene/scene";
import type { Absence } from "../../state/answers";
import { decisionAbsence, explained } from "../../state/explained";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";

export const noTokens: Instead = { text: "No tokens yet." };
export const nothingEvicted: Instead = {
  text: "Nothing was evicted: no compaction has happened.",
};
export const noCompaction: Instead = { text: "No compaction yet at this moment." };
export const counting: Instead = { text: "Counting…" };

/** What to say of something that is not there. */
export function absent(absence: Absence, asked: string, missing: string): Instead {
  if (absence.kind === "failed") return { text: absence.message, retry: absence.again };
  return absence.kind === "asked" ? { text: asked, isSoon: true } : { text: missing };
}

/** What to say where there is no decision to be shown. */
export function scoresAbsent(state: Readonly<State>, data: Data): Instead {
  const asked = explained(state);
  if (!asked) return noCompaction;
  return absent(
    decisionAbsence(state, data, asked),
    "Reading the scores…",
    "This trace does not hold all scores of this compaction.",
  );
}

/** Words in the place of a picture. */
export function nothingToShow(instead: Instead, table: Scene["table"], sentence = ""): Scene {
  return { sentence, plots: [], instead, table };
}
