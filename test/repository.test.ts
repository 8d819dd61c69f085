/** The proofs live in the clone: nothing that tests, measures or packs reads beside it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

/** They write paths that climb into models, listings and requests, to see them refused. */
const attackers = [
  "test/attack/",
  "test/client/chat/damagedStorage.test.ts",
  "test/client/models/download.test.ts",
  "test/client/models/hubNames.test.ts",
  "test/disk/fileLock.test.ts",
  "test/engine/model/modelFolder.test.ts",
  "test/layers.test.ts",
  "test/onnx/badModels.test.ts",
  "test/onnx/rewrite/preflight.test.ts",
  "test/onnx/weights/weightFiles.test.ts",
  "test/support/onnx/modelMutants.ts",
  "test/support/standInHub.ts",
];

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(folder, name.replaceAll("\\", "/")))
    .filter((file) => statSync(file).isFile());
}

/** Strings that begin with “..”, save what is read from the file's own folder and stays inside. */
function climbs(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const isInside = (place: string): boolean =>
    path.resolve(path.dirname(file), place).startsWith(process.cwd());
  const strings = text.matchAll(
    /(from |import |import\(|import\.meta\.dirname, )?(["'`])(\.\.(?:\/.*?)?)\2/g,
  );
  return [...strings].flatMap(([, base, , place]) => (base && isInside(place) ? [] : [place]));
}

test("nothing under test, bench and scripts names a path outside the repository", () => {
  const sources = ["test", "bench", "scripts"]
    .flatMap(filesIn)
    .filter((file) => /\.m?ts$|\.mjs$/.test(file))
    .filter((file) => !attackers.some((attacker) => file.startsWith(attacker)));
  assert.ok(sources.length > 100);
  const found = sources.flatMap((file) => climbs(file).map((place) => `${file}: ${place}`));
  assert.deepEqual(found, []);
});

test("all fixtures together stay below 16 MB", () => {
  const bytes = filesIn("test/fixtures").reduce((sum, file) => sum + statSync(file).size, 0);
  assert.ok(bytes < 16 * 2 ** 20, `${bytes} bytes`);
});
