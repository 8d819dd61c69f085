import assert from "node:assert/strict";
import { test } from "node:test";
import { ownCacheIn } from "../../src/disk/ownCaches";

test("rewrites are kept among the person's own caches, wherever their system has those", () => {
  const home = { HOME: "/home/ned" };
  assert.equal(ownCacheIn("linux", home), "/home/ned/.cache/rkv-lens");
  assert.equal(ownCacheIn("linux", { ...home, XDG_CACHE_HOME: "/caches" }), "/caches/rkv-lens");
  assert.equal(
    ownCacheIn("linux", { ...home, XDG_CACHE_HOME: "not/absolute" }),
    "/home/ned/.cache/rkv-lens",
  );
  assert.equal(ownCacheIn("darwin", home), "/home/ned/Library/Caches/rkv-lens");
  assert.equal(ownCacheIn("win32", {}), undefined);
});
