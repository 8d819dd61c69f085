/**
 * Makes the .vsix files: `node scripts/package.mjs [TARGET…]`, all five platforms if none is named.
 * Each holds the built extension, the bundled model and its own platform's ONNX Runtime only.
 */
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createVSIX } from "@vscode/vsce";
import { buildAll } from "../esbuild.mjs";

const targets = ["win32-x64", "win32-arm64", "linux-x64", "linux-arm64", "darwin-arm64"];
const largestBytes = 60 * 1024 * 1024;
const files = [
  ".vscodeignore",
  "CHANGELOG.md",
  "LICENSE",
  "package.nls.json",
  "l10n",
  "media/icons",
  "media/walkthrough",
  "media/model",
];

process.chdir(path.join(import.meta.dirname, ".."));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((target) => !targets.includes(target));
if (unknown.length > 0)
  throw new Error(`There is no target ${unknown.join(", ")}; there are ${targets.join(", ")}.`);

await mkdir("dist", { recursive: true });
for (const target of wanted.length > 0 ? wanted : targets) await makePackage(target);

async function makePackage(target) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "rkv-lens-package-"));
  try {
    for (const file of files) await cp(file, path.join(folder, file), { recursive: true });
    await buildAll({ production: true, outdir: path.join(folder, "dist") });
    await copyRuntime(target, path.join(folder, "dist", "node_modules"));
    await writeManifest(folder);
    await writeReadme(folder);
    const packagePath = path.resolve("dist", `rkv-lens-${target}.vsix`);
    await createVSIX({ cwd: folder, target, packagePath, dependencies: false });
    await checkSize(packagePath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** ONNX Runtime lies beside the engine's bundle, where its require() looks first. */
async function copyRuntime(target, modules) {
  const [platform, architecture] = target.split("-");
  const native = `onnxruntime-node/bin/napi-v6/${platform}/${architecture}`;
  const parts = [
    "onnxruntime-common/package.json",
    "onnxruntime-common/dist/cjs",
    "onnxruntime-node/package.json",
    "onnxruntime-node/dist",
    native,
  ];
  for (const part of parts)
    await cp(path.join("node_modules", part), path.join(modules, part), { recursive: true });
}

/** What the extension needs of package.json: nothing is installed, so nothing is depended on. */
async function writeManifest(folder) {
  const manifest = JSON.parse(await readFile("package.json", "utf8"));
  for (const name of ["bin", "scripts", "dependencies", "devDependencies", "prettier", "private"])
    delete manifest[name];
  manifest.engines = { vscode: manifest.engines.vscode };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest, null, 2));
}

/** Editors show a package's README without the files that it refers to. */
async function writeReadme(folder) {
  const text = await readFile("README.md", "utf8");
  const alone = text
    .replace(/^!\[.*\]\(media\/.*\)\n\n/gm, "")
    .replace(/\[([^\]]+)\]\((?!https:)[^)]*\)/g, "$1");
  await writeFile(path.join(folder, "README.md"), alone);
}

async function checkSize(file) {
  const { size } = await stat(file);
  const megabytes = (size / 1024 ** 2).toFixed(1);
  if (size > largestBytes)
    throw new Error(`${file} has ${megabytes} MB and at most 60 are allowed.`);
  console.log(`${path.relative(".", file)}: ${megabytes} MB`);
}
