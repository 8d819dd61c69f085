/** What the devices took is remembered of one file as it is, and of no other. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { speedsOf } from "../../../src/engine/decoder/deviceSpeeds";
import type { StepMillis } from "../../../src/engine/decoder/fastestDevice";

const speeds = { webgpu: 8.5, cpu: 1.25 };
let folder: string;
let model: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "rkv-speeds-"));
  model = path.join(folder, "model.onnx");
  await writeFile(model, "graph");
});
after(() => rm(folder, { recursive: true }));

async function recalled(variant = "", again = false): Promise<StepMillis | undefined> {
  return (await speedsOf(model, variant, again, path.join(folder, "speeds"))).recall();
}

test("speeds are recalled of the same file, until they are to be measured again", async () => {
  assert.equal(await recalled(), undefined);
  await (await speedsOf(model, "", false, path.join(folder, "speeds"))).keep(speeds);
  assert.deepEqual(await recalled(), speeds);
  assert.equal(await recalled("", true), undefined);
  assert.equal(await recalled("full activations"), undefined);
  await utimes(model, 1, 1);
  assert.equal(await recalled(), undefined, "the file is another one since");
});

test("a damaged memory is none, and a machine without a place for one keeps none", async () => {
  const place = path.join(folder, "speeds");
  await (await speedsOf(model, "", false, place)).keep(speeds);
  for (const name of await readdir(place)) await writeFile(path.join(place, name), '{"cpu":-1}');
  assert.equal(await recalled(), undefined);
  const nowhere = await speedsOf(model, "", false, path.join(model, "no folder"));
  await nowhere.keep(speeds);
  assert.equal(await nowhere.recall(), undefined);
});
