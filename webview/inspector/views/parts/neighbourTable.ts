import { clusters, neighbours } from "../../model/similarity";
import type { Table } from "../../scene/table";
import type { Similarities } from "../../state/explained";
import type { State } from "../../state/state";

/** The near-duplicates of the selected slot; of none, the clusters that they form. */
export function neighbourTable(
  { run, selected }: Readonly<State>,
  found: Similarities | undefined,
): Table {
  const slot = found?.positions.indexOf(selected ?? -1) ?? -1;
  if (!found || slot < 0) return clusterTable(found, run.texts);
  return {
    columns: ["token", "position", "near-duplicate", "at", "cosine", "spared"],
    rows: neighbours(found.values, found.order, slot, found.threshold).map((neighbour) => {
      const position = found.positions[neighbour.slot];
      return [
        run.texts[found.positions[slot]],
        found.positions[slot],
        run.texts[position] ?? "",
        position,
        neighbour.similarity,
        neighbour.spared ? "yes" : "",
      ];
    }),
  };
}

function clusterTable(found: Similarities | undefined, texts: readonly string[]): Table {
  const groups = found ? clusters(found.values, found.positions.length, found.threshold) : [];
  return {
    columns: ["cluster", "tokens", "positions"],
    rows: groups.map((members, index) => {
      const positions = members
        .map((member) => found?.positions[member] ?? 0)
        .sort((a, b) => a - b);
      const words = positions.map((position) => texts[position] ?? "").join(" ");
      return [index + 1, words, positions.join(" ")];
    }),
  };
}
