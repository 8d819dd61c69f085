/** Rewrites are kept for the next load; a cache that fails costs time and nothing else. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import { bundle } from "../../support/bundle";

const modelFile = "test/fixtures/exports/optimum-qwen2/model.onnx";

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-rewrites-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test("a rewrite is kept by content, and made anew where the kept one is damaged", async (t) => {
  const cacheFolder = await emptyFolder(t);
  const first = await rewriteModel({ modelFile, layout: "blocks", cacheFolder });
  const [name, ...others] = await readdir(cacheFolder);
  const entry = path.join(cacheFolder, name);
  const whole = await readFile(entry);
  assert.deepEqual(others, []);
  assert.equal((await stat(entry)).mode & 0o077, 0, "nobody else may read or write it");
  assert.deepEqual(await rewriteModel({ modelFile, layout: "blocks", cacheFolder }), first);

  for (const damaged of [
    whole.subarray(0, 100),
    Buffer.from(whole).fill(7, 200, 210),
    Buffer.alloc(0),
  ]) {
    await writeFile(entry, damaged);
    assert.deepEqual(await rewriteModel({ modelFile, layout: "blocks", cacheFolder }), first);
    assert.deepEqual(await readFile(entry), whole);
  }
});

test("a rewrite is never used by other code than made it", async (t) => {
  const cacheFolder = await emptyFolder(t);
  const script = bundle("src/onnx/rewrite/rewriteModel.ts");
  const changed = script.replace(/\.js$/, "-changed.js");
  await writeFile(changed, `${await readFile(script, "utf8")}\n// one byte more\n`);
  const entriesAfter = async (code: string) => {
    const other = createRequire(code)(code) as { rewriteModel: typeof rewriteModel };
    await other.rewriteModel({ modelFile, layout: "blocks", cacheFolder });
    return (await readdir(cacheFolder)).length;
  };
  assert.equal(await entriesAfter(script), 1);
  assert.equal(await entriesAfter(script), 1);
  assert.equal(await entriesAfter(changed), 2);
});

test("the rewrites used last are kept, and no more than 64", async (t) => {
  const cacheFolder = await emptyFolder(t);
  await rewriteModel({ modelFile, layout: "blocks", cacheFolder });
  const [used] = await readdir(cacheFolder);
  const ages = Array.from({ length: 70 }, (_, i) => i + 1);
  const old = (hours: number) => path.join(cacheFolder, `${hours}-hours-old`);
  for (const hours of ages) {
    await writeFile(old(hours), "");
    const then = new Date(Date.now() - hours * 3_600_000);
    await utimes(old(hours), then, then);
  }
  const longAgo = new Date(0);
  await utimes(path.join(cacheFolder, used), longAgo, longAgo);
  await rewriteModel({ modelFile, layout: "blocks", cacheFolder });
  const withAngles = await rewriteModel({ modelFile, layout: "in-place", cacheFolder });
  assert.ok(withAngles.angles);
  assert.deepEqual(await rewriteModel({ modelFile, layout: "in-place", cacheFolder }), withAngles);
  const kept = await readdir(cacheFolder);
  assert.equal(kept.length, 64);
  assert.ok(kept.includes(used), "reading is using");
  assert.ok(kept.includes("62-hours-old") && !kept.includes("63-hours-old"));
});

test("a model loads although its rewrite cannot be kept", async (t) => {
  const file = path.join(await emptyFolder(t), "file");
  await writeFile(file, "");
  const plain = await rewriteModel({ modelFile, layout: "blocks" });
  for (const cacheFolder of [file, path.join(file, "inside"), "/dev/full"])
    assert.deepEqual(await rewriteModel({ modelFile, layout: "blocks", cacheFolder }), plain);
});
