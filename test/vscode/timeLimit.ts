import assert from "node:assert/strict";
import { cpus, loadavg } from "node:os";
import type { TestContext } from "node:test";

/**
 * A time within its limit holds on any machine. Beyond it, one that has more to do than it has
 * cores says nothing about our part: then the test is skipped, in sight.
 */
export function takesAtMost(t: TestContext, millis: number, limit: number): void {
  t.diagnostic(`${millis} ms`);
  const isBusy = loadavg()[0] > cpus().length;
  if (millis > limit && isBusy) t.skip(`${millis} ms on a machine with more to do than cores`);
  else assert.ok(millis <= limit, `${millis} ms where ${limit} are allowed`);
}
