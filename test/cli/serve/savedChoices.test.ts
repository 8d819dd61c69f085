import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { readChoices, writeChoices } from "../../../src/cli/serve/savedChoices";

/** As the first release wrote it. */
const file = {
  model: "/models/tiny",
  cache: {
    policy: "snapkv",
    budget: { kind: "count", slots: 512 },
    buffer: 64,
    window: 16,
    lambda: 0.2,
    similarityThreshold: 0.5,
    pinPrompt: true,
  },
};

test("kept choices are read, and written under the same keys", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-choices-"));
  const place = path.join(folder, "choices.json");
  try {
    await writeFile(place, JSON.stringify(file));
    const choices = await readChoices(place, "bundled", assert.fail);
    assert.equal(choices.model, file.model);
    assert.equal(choices.cache.policy, "snapkv");
    assert.equal(choices.cache.observationWindow, 16);
    await writeChoices(place, choices);
    assert.deepEqual(JSON.parse(await readFile(place, "utf8")), { ...file, chains: 1 });
    await writeChoices(place, { ...choices, chains: 8 });
    assert.equal((await readChoices(place, "bundled", assert.fail)).chains, 8);
  } finally {
    await rm(folder, { recursive: true });
  }
});
