/** Downloading from the palette, over a hub on this machine: what is asked, and how a cancel ends it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { downloadModel } from "../../src/extension/downloadModel";
import { extensionContext } from "../support/extensionContext";
import { inProgress, openWindow, person, seen, written } from "../support/fakeVscode";
import { repository, type StandInHub, startHub } from "../support/standInHub";
import { until } from "../support/within";

const cache = mkdtempSync(path.join(tmpdir(), "rkv-lens-hub-"));
const { HF_HUB_CACHE } = process.env;
let hub: StandInHub;

before(async () => {
  process.env.HF_HUB_CACHE = cache;
  hub = await startHub();
});
beforeEach(() => {
  openWindow();
  written.user.set("rkv.hub.endpoint", hub.endpoint);
});
after(() => {
  hub.close();
  rmSync(cache, { recursive: true });
  if (HF_HUB_CACHE === undefined) delete process.env.HF_HUB_CACHE;
  else process.env.HF_HUB_CACHE = HF_HUB_CACHE;
});

function download(secrets?: Map<string, string>, ...answers: string[]) {
  person.answers = answers;
  const folders: string[] = [];
  const done = downloadModel(extensionContext(secrets), (folder) => {
    folders.push(folder);
    return Promise.resolve();
  });
  return { done, folders };
}

const choices = [repository, "onnx/model_q4.onnx"];

test("a cancel ends it without a word, and the next download goes on and hands the model over", async () => {
  hub.faults = ["stall"];
  const first = download(undefined, ...choices);
  await until(() => inProgress[0]?.said.at(-1)?.startsWith("200 kB") ?? false);
  assert.equal(inProgress[0]?.title, `Downloading ${repository}`);
  inProgress[0].cancel();
  await first.done;
  assert.deepEqual(first.folders, []);

  const second = download(undefined, ...choices);
  await second.done;
  assert.equal(second.folders.length, 1);
  assert.ok(existsSync(path.join(second.folders[0], "onnx", "model_q4.onnx")));
  assert.ok(hub.sent < 1.5 * hub.content.length, "what had come was not asked for again");
});

test("the variants are listed with what they weigh", async () => {
  await download(undefined, repository).done;
  assert.equal(seen[0]?.text, `Download from ${hub.endpoint}`);
  assert.deepEqual(seen[1]?.choices, ["onnx/model_q4.onnx: 400 kB"]);
});

test("the access token comes from the secret storage and goes to the hub", async () => {
  hub.tokens.hub = [];
  await download(new Map([["rkv.hubToken", "hf_secret"]]), repository).done;
  assert.ok(hub.tokens.hub.length > 0);
  assert.ok(hub.tokens.hub.every((token) => token === "Bearer hf_secret"));
});

test("who names nothing is asked nothing more, and nothing is fetched", async () => {
  hub.tokens.hub = [];
  await download().done;
  assert.equal(seen.length, 1);
  assert.deepEqual(hub.tokens.hub, []);
});
