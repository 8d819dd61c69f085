/** The commands as a person meets them: what they are asked, what is written where, what is said. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { commands } from "vscode";
import { activate, deactivate } from "../../src/extension/extension";
import { extensionContext } from "../support/extensionContext";
import { openWindow, person, seen, writeByHand, written } from "../support/fakeVscode";

before(() => activate(extensionContext()));
beforeEach(openWindow);
after(deactivate);

async function run(name: string, ...answers: (string | undefined)[]): Promise<void> {
  person.answers = answers;
  await commands.executeCommand(`rkv.${name}`);
}

const rowsOf = (index: number): string[] => seen[index]?.choices ?? [];

test("the budgets are the presets, with the one that the model suggests in force, and any other", async () => {
  await run("setBudget");
  assert.equal(seen[0]?.text, "Cache budget for Pocket Reasoner");
  const rows = rowsOf(0);
  assert.equal(rows[0], "128: tokens per head");
  assert.deepEqual(
    rows.filter((row) => row.includes("$(check)")),
    ["$(check) 256: current · tokens per head"],
  );
  assert.ok(rows.includes("10 %: of the tokens so far"));
  assert.deepEqual(rows.slice(-2), ["Full: keep everything", "$(edit) Custom…"]);
  assert.equal(written.user.size, 0, "nothing was picked");
});

test("a budget that is picked is written among the person's own settings", async () => {
  await run("setBudget", "512");
  assert.deepEqual([...written.user], [["rkv.cache.budget", "512"]]);
  assert.equal(written.workspace.size, 0);
});

test("a budget of one's own is checked while it is typed", async () => {
  await run("setBudget", "Custom", "25%");
  const { text, complaintAbout } = seen[1] ?? {};
  assert.equal(text, "Custom cache budget");
  assert.match(String(complaintAbout?.("nonsense")), /^The budget “nonsense” is not one/);
  assert.equal(complaintAbout?.("25%"), undefined);
  assert.equal(written.user.get("rkv.cache.budget"), "25%");
});

test("a setting that the folder makes is changed in the folder, and nowhere else", async () => {
  written.workspace.set("rkv.cache.policy", "rkv");
  await run("setPolicy", "SnapKV");
  assert.equal(written.workspace.get("rkv.cache.policy"), "snapkv");
  assert.equal(written.user.size, 0);
});

test("the policies are named with what they keep, and the one in force is marked", async () => {
  await run("setPolicy");
  assert.equal(rowsOf(0)[0], "$(check) R-KV: current · importance against redundancy");
  assert.ok(rowsOf(0).includes("StreamingLLM: the first tokens and the newest"));
});

test("budgets are stepped through without a question", async () => {
  await run("nextBudget");
  await run("nextBudget");
  await run("previousBudget");
  assert.deepEqual(
    seen.map(({ kind, text }) => [kind, text]),
    ["512", "1024", "512"].map((budget) => ["status", `Cache budget: ${budget}`]),
  );
  assert.equal(written.user.get("rkv.cache.budget"), "512");
});

test("keys that are pressed faster than settings are written lose no step", async () => {
  const [first, second] = [run("nextBudget"), run("nextBudget")];
  await first;
  await Promise.all([second, run("nextBudget"), run("previousBudget")]);
  assert.deepEqual(
    seen.map(({ text }) => text),
    ["512", "1024", "2048", "1024"].map((budget) => `Cache budget: ${budget}`),
  );
  assert.equal(written.user.get("rkv.cache.budget"), "1024");
});

test("a pinned prompt is said and written, and so is the end of it", async () => {
  await run("pinPrompt");
  assert.match(seen[0]?.text ?? "", /^The prompt is pinned/);
  assert.equal(written.user.get("rkv.cache.pinPrompt"), true);
  await run("pinPrompt");
  assert.match(seen[1]?.text ?? "", /^The prompt is not pinned/);
  assert.equal(written.user.get("rkv.cache.pinPrompt"), false);
});

test("a setting that is written by hand is in force in the chat at once", async () => {
  writeByHand("rkv.cache.budget", "512");
  await run("nextBudget");
  assert.equal(seen[0]?.text, "Cache budget: 1024");
});

for (const name of ["selectModel", "checkModel", "downloadModel", "compareRuns"])
  test(`in Restricted Mode ${name} says why it does nothing, before it asks anything`, async () => {
    person.trusts = false;
    await run(name);
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ["error"],
    );
    assert.match(seen[0]?.text ?? "", /^No model runs in Restricted Mode: trust this folder/);
    assert.equal(written.user.size, 0);
  });

test("in Restricted Mode a budget can be chosen, for nothing runs", async () => {
  person.trusts = false;
  await run("setBudget", "128");
  assert.equal(written.user.get("rkv.cache.budget"), "128");
});

test("what goes wrong is said in its own words, with the log at hand", async () => {
  await run("openInspector", "Show Log");
  assert.deepEqual(seen[0]?.choices, ["Show Log"]);
  assert.equal(seen[0]?.text, "There is no answer to inspect yet: ask first.");
  assert.deepEqual(seen[1], { kind: "page", text: "R-KV Lens" });
  for (const [name, words] of [
    ["compareRuns", "There is no answer to compare yet: ask first."],
    ["attachSelection", "No text editor is open: open a file first."],
  ]) {
    await run(name);
    assert.equal(seen.at(-1)?.text, words);
  }
});

test("models are listed with where they are from, the one in use marked, and how to get others", async () => {
  await run("selectModel");
  assert.equal(seen[0]?.text, "Model that answers");
  const rows = rowsOf(0);
  assert.equal(rows[0], "$(check) Pocket Reasoner: current · comes with R-KV Lens");
  assert.deepEqual(rows.slice(-2), [
    "$(folder-opened) Add Folder…",
    "$(cloud-download) Download from Hugging Face…",
  ]);
});
