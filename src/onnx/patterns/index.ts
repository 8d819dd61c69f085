/** Every family of exports, in the order in which they are tried. A new one: a file, and a row here. */
import type { Export, FoundSites } from "./attentionSite";
import { findDecomposed } from "./decomposed";
import { findGroupedQuery } from "./groupedQuery";

/** Each is undefined where the export is none of its family, and throws ModelRefused where it is a broken one. */
const families: readonly ((from: Export) => FoundSites | undefined)[] = [
  findGroupedQuery,
  findDecomposed,
];

/** The attention of every layer, by the first family that knows the export. */
export function findAttention(from: Export): FoundSites | undefined {
  for (const find of families) {
    const found = find(from);
    if (found) return found;
  }
  return undefined;
}
