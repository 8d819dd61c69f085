/** Names from a hub: none leaves the cache, on any system. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { downloadVariant } from "../../../src/client/models/downloadVariant";
import { Hub } from "../../../src/client/models/hub";
import { repositoryFolder } from "../../../src/client/models/hubCache";
import { isRepositoryId, isSafePath } from "../../../src/client/models/hubNames";

const bad = [
  ..."../a a/../b /a a//b C:/a C:a a\\b ..\\..\\a \\\\server\\share nul aux.json com1 .hidden".split(
    " ",
  ),
  ...["", ".", "..", "a b", "a.", "a/con", "a\0", "a%2f..", "ａ", "a\n", `${"a".repeat(200)}`],
];

test("names that could leave the cache are no names", () => {
  for (const name of bad) {
    assert.equal(isSafePath(name), false, name);
    assert.equal(isRepositoryId(name), false, name);
  }
  for (const name of ["model.onnx", "onnx/model_q4.onnx_data", "a-b/c.d"])
    assert.equal(isSafePath(name), true, name);
  for (const id of ["gpt2", "onnx-community/Qwen3-0.6B-ONNX", "a_b/c.d-e"])
    assert.equal(isRepositoryId(id), true, id);
});

test("whatever passes is one folder of the cache, and a path below it, on every system", () => {
  const letters = fc.constantFrom(..."ab./\\:-_ ~%\0".split(""), "con", "..", "C:");
  const names = fc.oneof(
    fc.array(letters, { maxLength: 8 }).map((all) => all.join("")),
    fc.string(),
  );
  fc.assert(
    fc.property(names, (name) => {
      for (const system of [path.posix, path.win32]) {
        const cache = system.resolve("/cache");
        if (isRepositoryId(name))
          assert.equal(system.dirname(system.resolve(cache, repositoryFolder(name))), cache);
        if (isSafePath(name))
          assert.ok(system.resolve(cache, ...name.split("/")).startsWith(cache + system.sep));
      }
    }),
    { numRuns: 5_000 },
  );
});

test("a repository that is none is refused before anything is asked or written", async () => {
  const hub = new Hub("http://127.0.0.1:1");
  const none = { graph: "model.onnx", commit: "a".repeat(40), files: [] };
  for (const repository of ["..\\..\\a", "a/../..", "C:\\a/b"]) {
    await assert.rejects(hub.variants(repository), /names no repository: give one such as/);
    const variant = { repository, ...none };
    const signal = new AbortController().signal;
    await assert.rejects(
      downloadVariant(hub, variant, "/nowhere", signal, () => undefined),
      /names no repository/,
    );
  }
});
