/** A model that cannot be run, or not safely: one sentence with the place, the reason and a way out. */
export class ModelRefused extends Error {
  override readonly name = "ModelRefused";
}

/** Throws. `what` names the file or node and the reason, `remedy` what the person can do. */
export function refuse(what: string, remedy: string): never {
  throw new ModelRefused(`${what}: ${remedy}.`);
}
