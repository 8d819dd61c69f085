/** What every view shows of some traces, as text: test/fixtures/scenes. RENEW_SCENES=1 writes them anew. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import type { View } from "../../../webview/inspector/scene/scene";
import { strip } from "../../../webview/inspector/views/strip";
import { views } from "../../../webview/inspector/views";
import { sceneText } from "../../support/inspector/sceneText";
import { pairs, traces, type Staged } from "../../support/inspector/sceneTraces";

const size = { width: 640, height: 320 };
const all = {
  strip,
  ...Object.fromEntries(Object.entries(views).map(([name, row]) => [name, row.view])),
};

for (const [name, stage] of Object.entries(traces))
  describe(`the ${name} trace`, () => {
    const check = snapshots(`test/fixtures/scenes/${name}.txt`);
    const staged = stage();
    for (const [view, of] of Object.entries(all))
      test(view, async () => check(view, of, await staged));
  });

describe("two runs beside each other", () => {
  const check = snapshots("test/fixtures/scenes/pairs.txt");
  for (const [name, stage] of Object.entries(pairs))
    test(name, async () => check(name, views.compare.view, await stage()));
});

/** Compares scenes with those in a file, one section each. */
function snapshots(file: string) {
  const seen: string[] = [];
  return async (section: string, view: View, { state, data }: Staged): Promise<void> => {
    const text = `${sceneText(await data.sceneOf(view, state, size))}\n`;
    seen.push(`# ${section}\n\n${text}`);
    if (process.env.RENEW_SCENES) return writeFile(file, seen.join("\n"));
    const wanted = sections(await readFile(file, "utf8")).get(section);
    assert.equal(text, wanted, "RENEW_SCENES=1 writes what is shown now; read the difference");
  };
}

/** The text under each heading. */
function sections(text: string): Map<string, string> {
  const parts = text.split(/^# (.*)\n\n/m).slice(1);
  const named = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) named.set(parts[at], `${parts[at + 1].trimEnd()}\n`);
  return named;
}
