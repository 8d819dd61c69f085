/** The short forms of some attacks, as tests. Several files share them: a file has its time limit. */
import { test } from "node:test";
import { Random } from "../../src/shared/random";
import { useOwnCaches } from "../support/ownCaches";
import { attacks } from "./index";

const seed = 1;
const timeout = 60_000;
useOwnCaches();

/** Of the attacks from T`first` to T`last`; the long forms: `npm run attack`. */
export function tryShort(first: number, last: number): void {
  for (const { id, what, short, absent, run } of attacks) {
    const number = Number(id.slice(1));
    if (typeof short !== "number" || number < first || number > last) continue;
    test(`${id}: ${what}`, { skip: absent?.() ?? false, timeout }, async (t) => {
      t.diagnostic(await run(short, new Random(seed), () => undefined));
    });
  }
}
