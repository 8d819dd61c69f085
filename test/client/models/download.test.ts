import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Hub } from "../../../src/client/models/hub";
import { findInHubCache, hubCacheFolder } from "../../../src/client/models/hubCache";
import { assertWhole, download, type Place } from "../../support/downloads";
import {
  type Fault,
  type Listing,
  repository,
  type StandInHub,
  startHub,
} from "../../support/standInHub";

const hubs: StandInHub[] = [];
after(() => hubs.forEach((hub) => hub.close()));

async function hubWith(...faults: Fault[]): Promise<Place> {
  const hub = await startHub();
  hub.faults = faults;
  hubs.push(hub);
  return { hub, cache: await mkdtemp(path.join(os.tmpdir(), "rkv-lens-test-")) };
}

/** After a first half, starting anew would have taken one and a half files. */
function assertResumed(hub: StandInHub): void {
  assert.ok(hub.sent < 1.5 * hub.content.length, `${hub.sent} bytes were sent`);
}

for (const faults of [
  [],
  ["cut"],
  ["silence"],
  ["cut", "cut", "cut"],
  ["stall"],
  ["busy", "busy"],
  ["slow"],
  ["reset"],
  ["too many requests"],
  ["too short"],
  ["cut", "another part"],
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

for (const [faults, words] of [
  [["wrong bytes"], /its hash differs\) and was thrown away/],
  [["cut", "wrong bytes"], /its hash differs\) and was thrown away/],
  [["too long"], /its size differs\) and was thrown away/],
  [["cut", "too long"], /its size differs\) and was thrown away/],
  [["endless"], /its size differs\) and was thrown away/],
  [
    Array<Fault>(6).fill("no web address"),
    /6 tries \(http:\S+ redirects to what is no address of the web: check/,
  ],
  [["circle"], /redirects in a circle/],
  [["not satisfiable"], /status 416/],
  [
    Array<Fault>(6).fill("silence"),
    /could not be fetched in 6 tries \(nothing came for 0.3 s\): try again later/,
  ],
] satisfies [Fault[], RegExp][])
  test(`a clear error, and nothing kept, after: ${faults.join(", ")}`, async () => {
    const place = await hubWith(...faults);
    await assert.rejects(download(place), words);
    place.hub.faults = [];
    await assertWhole(await download(place), place.hub);
  });

test("a body that is longer than announced is hung up on", { timeout: 30_000 }, async () => {
  const place = await hubWith("endless");
  await assert.rejects(download(place), /its size differs/);
  await place.hub.hungUp;
  assert.ok(place.hub.sent < 32 * 2 ** 20, `${place.hub.sent} bytes were sent`);
});

for (const [listing, words] of [
  [
    "endless",
    /^Error: http:\S+ answers \/api\/models\/someone\/model\/tree\/a+ as no hub does: check/,
  ],
  ["many files", /^Error: someone\/model lists 6000 files: choose a model's repository\.$/],
  ["sign-in page", /as no hub does: .*, and whether your network asks you to sign in first\.$/],
  ["other JSON", /as no hub does: check the setting rkv\.hub\.endpoint/],
] satisfies [Listing, RegExp][])
  test(
    `a listing that is none is told in a sentence: ${listing}`,
    { timeout: 30_000 },
    async () => {
      const place = await hubWith();
      place.hub.listing = listing;
      await assert.rejects(download(place), words);
      await place.hub.hungUp;
      assert.ok(place.hub.sent < 32 * 2 ** 20, `${place.hub.sent} bytes were sent`);
    },
  );

test("of two windows one downloads and the other is told", async () => {
  const place = await hubWith("stall");
  const results = await Promise.allSettled([download(place), download(place)]);
  const failed = results.filter((result) => result.status === "rejected");
  assert.equal(failed.length, 1);
  assert.match(String(failed[0]?.reason), /Another window is downloading/);
});

/** Where the big file will lie, its folder made. */
async function blobOf({ hub, cache }: Place): Promise<string> {
  const [variant] = await new Hub(hub.endpoint).variants(repository);
  const blob = variant?.files.find(({ path }) => path === variant.graph)?.blob ?? "";
  const blobs = path.join(cache, "models--someone--model", "blobs");
  await mkdir(blobs, { recursive: true });
  return path.join(blobs, blob);
}

const noFullDisk = existsSync("/dev/full") ? false : "needs /dev/full, a disk that is always full";
test(
  "a full disk is named with what is needed, and nothing is kept",
  { skip: noFullDisk },
  async () => {
    const place = await hubWith();
    const part = `${await blobOf(place)}.incomplete`;
    await symlink("/dev/full", part);
    await assert.rejects(download(place), /cannot be written \(ENOSPC.*needs 400 kB of free space/);
    await assert.rejects(stat(await blobOf(place)), /ENOENT/);
    await rm(part);
    await assertWhole(await download(place), place.hub);
  },
);

test("a small file is checked as well, by the id that git gives to it", async () => {
  const place = await hubWith();
  place.hub.config = "{]";
  await assert.rejects(download(place), /config.json arrived with other content/);
  place.hub.config = "{}";
  await assertWhole(await download(place), place.hub);
});

test("a mirror's endpoint may have a path, and the editor's fetch with its proxy is used", async (t) => {
  const fetched: string[] = [];
  t.mock.method(globalThis, "fetch", (url: URL) => {
    fetched.push(url.href);
    return Promise.resolve(Response.json([{ id: "someone/model" }]));
  });
  assert.deepEqual(await new Hub("https://mirror.example/hf/").search("m"), [repository]);
  assert.match(fetched[0] ?? "", /^https:\/\/mirror\.example\/hf\/api\/models\?search=m&/);
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
