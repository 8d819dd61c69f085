import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { downloadVariant } from "../../src/client/models/downloadVariant";
import { Hub, isSafePath } from "../../src/client/models/hub";
import { findInHubCache, hubCacheFolder } from "../../src/client/models/hubCache";
import { type Fault, repository, type StandInHub, startHub } from "../support/standInHub";

const hubs: StandInHub[] = [];
after(() => hubs.forEach((hub) => hub.close()));

async function hubWith(...faults: Fault[]): Promise<{ hub: StandInHub; cache: string }> {
  const hub = await startHub();
  hub.faults = faults;
  hubs.push(hub);
  return { hub, cache: await mkdtemp(path.join(os.tmpdir(), "rkv-lens-test-")) };
}

async function download(
  { hub, cache }: { hub: StandInHub; cache: string },
  signal = new AbortController().signal,
  report: (done: number) => void = () => undefined,
): Promise<string> {
  const client = new Hub(hub.endpoint, "secret");
  const [variant] = await client.variants(repository);
  assert.ok(variant);
  const timing = { stallMillis: 300, retryMillis: 1 };
  return downloadVariant(client, variant, cache, signal, report, timing);
}

async function assertWhole(folder: string, hub: StandInHub): Promise<void> {
  assert.deepEqual(await readFile(path.join(folder, "onnx", "model_q4.onnx")), hub.content);
}

/** After a first half, starting anew would have taken one and a half files. */
function assertResumed(hub: StandInHub): void {
  assert.ok(hub.sent < 1.5 * hub.content.length, `${hub.sent} bytes were sent`);
}

for (const faults of [
  [],
  ["cut"],
  ["cut", "cut", "cut"],
  ["stall"],
  ["busy", "busy"],
  ["cut", "whole file"],
  ["other host"],
] satisfies Fault[][])
  test(`the right file arrives after: ${faults.join(", ") || "nothing bad"}`, async () => {
    const place = await hubWith(...faults);
    await assertWhole(await download(place), place.hub);
  });

test("a cut download goes on where it was", async () => {
  const place = await hubWith("cut");
  await download(place);
  assertResumed(place.hub);
});

test("the token never reaches another host", async () => {
  const place = await hubWith("other host");
  await download(place);
  assert.ok(place.hub.tokens.hub.every((token) => token === "Bearer secret"));
  assert.deepEqual(place.hub.tokens.other, [undefined]);
});

for (const [fault, words] of [
  ["wrong bytes", /sha256.*thrown away/],
  ["circle", /redirects in a circle/],
] as const)
  test(`nothing is kept after: ${fault}`, async () => {
    const place = await hubWith(fault);
    await assert.rejects(download(place), words);
    place.hub.faults = [];
    await assertWhole(await download(place), place.hub);
  });

test("of two windows one downloads and the other is told", async () => {
  const place = await hubWith("stall");
  const results = await Promise.allSettled([download(place), download(place)]);
  const failed = results.filter((result) => result.status === "rejected");
  assert.equal(failed.length, 1);
  assert.match(String(failed[0]?.reason), /Another window is downloading/);
});

test("a lock that a dead window left behind is taken over", async () => {
  const place = await hubWith();
  const folder = await download(place);
  const [variant] = await new Hub(place.hub.endpoint).variants(repository);
  const blob = variant?.files.find(({ sha256 }) => sha256)?.blob ?? "";
  const other = { ...place, cache: await mkdtemp(path.join(os.tmpdir(), "rkv-lens-test-")) };
  assert.ok(folder);
  const blobs = path.join(other.cache, "models--someone--model", "blobs");
  await mkdir(blobs, { recursive: true });
  await writeFile(path.join(blobs, `${blob}.lock`), "999999999");
  await assertWhole(await download(other), other.hub);
});

test("cancelling keeps what has come for the next time", async () => {
  const place = await hubWith("stall");
  const abort = new AbortController();
  const cancel = (done: number): void => {
    if (done > 1_000) abort.abort(new Error("cancelled by the person"));
  };
  await assert.rejects(download(place, abort.signal, cancel), /cancelled by the person/);
  await assertWhole(await download(place), place.hub);
  assertResumed(place.hub);
});

test("what was downloaded is found where the Hugging Face libraries look", async () => {
  const place = await hubWith();
  const folder = await download(place);
  const found = await findInHubCache(place.cache);
  assert.deepEqual(found, [{ folder, name: repository, origin: "hub" }]);
  assert.equal(hubCacheFolder({ HF_HUB_CACHE: "/a", HF_HOME: "/b" }), "/a");
  assert.equal(hubCacheFolder({ HF_HOME: "/b" }), path.join("/b", "hub"));
  assert.equal(hubCacheFolder({ XDG_CACHE_HOME: "/c" }), path.join("/c", "huggingface", "hub"));
});

test("names that could leave the cache are no names", () => {
  const bad = ["../a", "a/../b", "/a", "a//b", "C:/a", "a\\b", "nul", "aux.json", ".hidden", "a b"];
  for (const name of bad) assert.equal(isSafePath(name), false, name);
  for (const name of ["model.onnx", "onnx/model_q4.onnx_data", "a-b/c.d"])
    assert.equal(isSafePath(name), true, name);
});
