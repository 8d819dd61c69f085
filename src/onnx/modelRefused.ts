/** Models that cannot be run, or not safely, and the sentences that say so. */
import { forTerminal } from "../shared/strangersText";

/** One sentence with the place, the reason and a way out. */
export class ModelRefused extends Error {
  override readonly name = "ModelRefused";
}

/** Throws. `what` names the file or node and the reason, `remedy` what the person can do. */
export function refuse(what: string, remedy: string): never {
  throw new ModelRefused(`${what}: ${remedy}.`);
}

const longestName = 120;

/** A name out of a model's file as a sentence may hold it: short, in one line, hiding nothing. */
export function printable(name: string): string {
  return forTerminal(name.slice(0, longestName));
}
