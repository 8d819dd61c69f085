/** docs/architecture.md tells of the engine as it is. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const sections = readFileSync("docs/architecture.md", "utf8").split("\n## ");

function section(title: string): string {
  const found = sections.find((each) => each.startsWith(title));
  assert.ok(found, title);
  return found;
}

test("the way of one question leads through at most eight files, and all that it names are there", () => {
  const story = section("One question");
  const steps = [...story.matchAll(/^\d+\. `([^`]+\.ts)`/gm)].map(([, file]) => file);
  assert.ok(steps.length > 4 && steps.length <= 8, steps.join(", "));
  const named = [...story.matchAll(/`([\w/]+\.ts)`/g)].map(([, file]) => file);
  const folders = [".", "src/engine", "src/engine/compaction"];
  for (const file of named)
    assert.ok(
      folders.some((folder) => existsSync(path.join(folder, file))),
      file,
    );
});

test("the table of the engine's folders has them all", () => {
  const told = [...section("Folders").matchAll(/^\| `(\w+)\/`/gm)].map(([, folder]) => folder);
  const entries = readdirSync("src/engine", { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(told.sort(), folders.sort());
});
