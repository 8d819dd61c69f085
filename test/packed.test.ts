/** What a package says of itself before and after its owner has named the repository. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { pathToFileURL } from "node:url";

interface Manifest {
  [name: string]: unknown;
  engines: Record<string, string>;
}
interface Packed {
  packedManifest: (text: string) => Manifest;
  packedPage: (text: string, manifest: Manifest) => string;
}

let packed: Packed;
before(async () => {
  packed = (await import(pathToFileURL(path.resolve("scripts/packed.mjs")).href)) as Packed;
});

const own = readFileSync("package.json", "utf8");
const readme = readFileSync("README.md", "utf8");

function withRepository(url: string): string {
  return JSON.stringify({ ...(JSON.parse(own) as Manifest), repository: { type: "git", url } });
}

test("without an address nothing is invented, and the pages are whole without their files", () => {
  const nameless = { ...(JSON.parse(own) as Manifest), repository: undefined };
  const manifest = packed.packedManifest(JSON.stringify(nameless));
  for (const name of ["repository", "bugs", "homepage", "private", "scripts", "dependencies"])
    assert.ok(!(name in manifest), name);
  const page = packed.packedPage(readme, manifest);
  assert.doesNotMatch(page, /\]\((?!https:)/);
  assert.ok(page.includes("says which exports work"));
});

test("from the address alone follow the links of a gallery, and its pictures stay", () => {
  const url = "https://example.org/someone/rkv-lens";
  const manifest = packed.packedManifest(withRepository(url));
  assert.deepEqual(manifest.bugs, { url: `${url}/issues` });
  assert.equal(manifest.homepage, `${url}#readme`);
  assert.equal(packed.packedPage(readme, manifest), readme);
  for (const wrong of [`git+${url}`, `${url}.git`, `${url}/`, "someone/rkv-lens"])
    assert.throws(() => packed.packedManifest(withRepository(wrong)), /as a browser opens it/);
});

test("README shows galleries no SVG, which they refuse, and names the oldest editor", () => {
  const pictures = [...readme.matchAll(/!\[.*?\]\((.*?)\)/g)].map(([, file]) => file);
  assert.ok(pictures.length >= 3);
  assert.deepEqual(
    pictures.filter((file) => !/\.(png|gif)$/.test(file ?? "")),
    [],
  );
  const oldest = packed.packedManifest(own).engines.vscode?.slice(1, -2);
  assert.ok(readme.includes(`VS Code ${oldest} or newer`), oldest);
});
