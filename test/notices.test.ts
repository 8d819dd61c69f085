/** What a package says of the works of others that it holds. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-notices-"));
after(() => rmSync(folder, { recursive: true }));

const importing = 'import { thirdPartyNotices } from "./scripts/thirdParty.mjs";';

function node(script: string): string[] {
  return ["--input-type=module", "--eval", `${importing} ${script}`, "notices"];
}

const build = `
  import { buildAll } from "./esbuild.mjs";
  const bundles = await buildAll({ production: true, outdir: ${JSON.stringify(folder)}, without: ["cli"] });
  const notices = ["linux-x64", "win32-x64"].map((target) => thirdPartyNotices(bundles, target));
  console.log(JSON.stringify(notices));`;
const [linux, windows] = JSON.parse(
  execFileSync(process.execPath, node(build), { encoding: "utf8", maxBuffer: 2 ** 24 }),
) as string[];

test("every package of which something is bundled has its licence in the notices", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };
  const onlyInCli = ["ws"];
  const shipped = Object.keys(dependencies).filter((name) => !onlyInCli.includes(name));
  const ofPages = ["d3-scale", "katex", "highlight.js", "markdown-it", "dompurify"];
  const ofToolkit = ["@vscode/webview-ui-toolkit", "@vscode/codicons", "@microsoft/fast-element"];
  for (const name of [...shipped, ...ofPages, ...ofToolkit, "ONNX"])
    assert.ok(linux.includes(`\n- ${name} `), name);
  for (const words of [
    "https://dawn.googlesource.com/dawn",
    "Copyright 2021-2026 Buf Technologies, Inc.",
    "Reserved Font Names KaTeX_AMS",
    "Attribution 4.0 International",
  ])
    assert.ok(linux.includes(words), words);
  assert.ok(windows.includes("DirectML.dll") && !linux.includes("DirectML.dll"));
});

function refusalOf(name: string, version: string): string {
  const home = path.join(folder, "node_modules", name);
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, "package.json"), JSON.stringify({ name, version, license: "MIT" }));
  const inputs = { [`${home.replaceAll("\\", "/")}/index.js`]: { bytesInOutput: 1 } };
  const bundles = JSON.stringify([{ outputs: { out: { inputs } } }]);
  return spawnSync(process.execPath, node(`thirdPartyNotices(${bundles}, "linux-x64");`), {
    encoding: "utf8",
  }).stderr;
}

test("a work without a licence text, or with one of another version, ends the packaging", () => {
  assert.match(refusalOf("nobodys", "1.0.0"), /Error: nobodys 1\.0\.0 comes without its licence/);
  assert.match(refusalOf("katex", "99.0.0"), /for katex 0\.18\.2, and 99\.0\.0 is installed/);
});
