import assert from "node:assert/strict";
import { test } from "node:test";
import { mutated, mutationsOf } from "./mutations";

test("each fault changes one place, and nothing where only types stand", async () => {
  const source = `import { f } from "f";
type Pair = 1 | 2;
if (a < 3) f(true);
const b: Pair = c ? 1 : 2;`;
  const faults = (await mutationsOf(source)).map((mutation) => mutated(source, mutation));
  const changed = faults.map((fault) => fault.split("\n").slice(2));
  assert.deepEqual(changed, [
    ["if (!(a < 3)) f(true);", "const b: Pair = c ? 1 : 2;"],
    ["if (a <= 3) f(true);", "const b: Pair = c ? 1 : 2;"],
    ["if (a < 4) f(true);", "const b: Pair = c ? 1 : 2;"],
    ["if (a < 3) ;", "const b: Pair = c ? 1 : 2;"],
    ["if (a < 3) f(false);", "const b: Pair = c ? 1 : 2;"],
    ["if (a < 3) f(true);", "const b: Pair = !(c) ? 1 : 2;"],
    ["if (a < 3) f(true);", "const b: Pair = c ? 2 : 2;"],
    ["if (a < 3) f(true);", "const b: Pair = c ? 1 : 3;"],
  ]);
  assert.ok(faults.every((fault) => fault.startsWith(source.split("if")[0])));
});
