/** The short form of every attack. The long one: `npm run attack`. */
import { test } from "node:test";
import { Random } from "../../src/shared/random";
import { attacks } from "./index";

const seed = 1;

for (const { id, what, short, absent, run } of attacks) {
  if (typeof short !== "number") continue;
  test(`${id}: ${what}`, { skip: absent?.() ?? false }, async (t) => {
    t.diagnostic(await run(short, new Random(seed), () => undefined));
  });
}
