import type { Table } from "../../scene/table";
import type { Similarities } from "../../state/explained";
import type { State } from "../../state/state";
import type { Chosen } from "./similarityPlots";

/** The near-duplicates of the chosen slot. */
export function neighbourTable(
  { run }: Readonly<State>,
  { positions }: Similarities,
  { slot, near }: Chosen,
): Table {
  return {
    columns: ["token", "position", "near-duplicate", "at", "cosine", "spared"],
    rows: near.map(({ slot: other, similarity, spared }) => [
      run.texts[positions[slot]],
      positions[slot],
      run.texts[positions[other]] ?? "",
      positions[other],
      similarity,
      spared ? "yes" : "",
    ]),
  };
}
