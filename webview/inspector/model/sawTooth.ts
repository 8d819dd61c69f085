import { bytesAt, momentAt } from "./moment";
import type { Run } from "./run";

/** One corner of the saw-tooth: bytes held when the text was so long. */
export interface Corner {
  tokens: number;
  held: number;
}

/** The cache over the text: it grows by a token at a time and falls at each compaction. */
export function sawTooth(run: Run, upTo: number, compactions = run.compactions): Corner[] {
  const corners: Corner[] = [{ tokens: 0, held: 0 }];
  for (const { position, bytesBefore, bytesAfter } of compactions) {
    if (position > upTo) break;
    corners.push({ tokens: position, held: bytesBefore }, { tokens: position, held: bytesAfter });
  }
  return [...corners, { tokens: upTo, held: bytesAt(run, momentAt(run, upTo)).held }];
}
