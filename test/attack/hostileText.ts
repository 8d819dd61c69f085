/** The terminal's half of T19: traces full of hostile text, told in words, as JSON and as CSV. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { csvParseRows } from "d3";
import type { Random } from "../../src/shared/random";
import { assertHarmless, traceOf } from "../support/hostileText";

/** No such text steers a terminal, hides, or is a formula in a table; JSON says what the file says. */
export async function tellHostileTraces(times: number, chance: Random): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-hostile-"));
  const file = path.join(folder, "hostile.rkvtrace");
  for (let i = 0; i < times; i++) {
    const text = hostileText(chance);
    await writeFile(file, traceOf(text));
    assertHarmless(trace(file));
    assertTable(trace(file, "--csv"));
    const json = trace(file, "--json");
    assertHarmless(json);
    assert.equal((JSON.parse(json) as { stopReason: string }).stopReason, text);
  }
  await rm(folder, { recursive: true });
}

/** Ranges of code points, first and last. */
const ranges = [
  ...[
    [0, 0x1f],
    [0x7f, 0x9f],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
  ],
  ...[
    [0xfe00, 0xfe0f],
    [0xfff9, 0xfffb],
    [0xe0000, 0xe01ef],
    [0x61, 0x7a],
    [0x600, 0x6ff],
  ],
];
const whole = [
  "\n",
  "\r\n",
  "\u001b[2J",
  "\u001b]0;x\u0007",
  "\nforged",
  "=1+1",
  "@a",
  "\t=1",
  ";-1",
  '"',
  ",",
];

function hostileText(chance: Random): string {
  const piece = () => {
    if (chance.next() < 0.4) return chance.pick(whole);
    const [first, last] = chance.pick(ranges);
    return String.fromCodePoint(chance.integer(first, last));
  };
  return Array.from({ length: chance.integer(1, 40) }, piece).join("");
}

function trace(file: string, ...options: string[]): string {
  const args = ["dist/cli.js", "trace", file, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assertHarmless(stderr);
  return stdout;
}

function assertTable(text: string): void {
  const rows = csvParseRows(text);
  for (const row of rows) {
    assert.equal(row.length, rows[0].length, "a cell has broken out of its place");
    for (const cell of row) {
      assert.doesNotMatch(
        cell,
        /^[=+\-@\t\r](?![\d.])|^[\t\r\n]|[;\t\r\n][=+\-@]/,
        JSON.stringify(cell),
      );
      assertHarmless(cell.replaceAll("\nforged", "").replace(/^forged/, ""));
    }
  }
}
