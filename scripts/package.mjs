/**
 * npm run package [-- TARGET… | --all]: makes dist/rkv-lens-TARGET.vsix, for this machine if none is
 * named. Each holds the built extension, the bundled model, its own platform's ONNX Runtime only, and
 * the licences of all that. The files of an earlier run go first: what lies there is of one source.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { packedManifest, packedPage } from "./packed.mjs";
import { setUp } from "./setup.mjs";
import { thirdPartyNotices } from "./thirdParty.mjs";

const targets = ["win32-x64", "win32-arm64", "linux-x64", "linux-arm64", "darwin-arm64"];
const largestBytes = 60 * 1024 * 1024;
const files = [
  ".vscodeignore",
  "LICENSE",
  "package.nls.json",
  "l10n",
  "media/icons",
  "media/walkthrough",
  "media/model",
];

const wanted = targetsFor(process.argv.slice(2));
setUp();
const { createVSIX } = await import("@vscode/vsce");
const { buildAll } = await import("../esbuild.mjs");
const manifest = packedManifest(await readFile("package.json", "utf8"));
if (manifest.repository === undefined)
  console.warn(
    'Not for a gallery yet: package.json has no "repository" with the address of this code, so the pages are packed without pictures and links.',
  );
await removePackages();
for (const target of wanted) await makePackage(target);
const here = `${process.platform}-${process.arch}`;
if (wanted.includes(here)) console.log(`code --install-extension ${fileOf(here)}`);

function targetsFor(words) {
  if (words.includes("--all")) return targets;
  const named = words.length > 0 ? words : [`${process.platform}-${process.arch}`];
  const unknown = named.filter((target) => !targets.includes(target));
  if (unknown.length === 0) return named;
  console.error(
    `No package can be made for ${unknown.join(", ")}; name one of ${targets.join(", ")}, or --all.`,
  );
  process.exit(1);
}

function fileOf(target) {
  return `dist/rkv-lens-${target}.vsix`;
}

async function removePackages() {
  await mkdir("dist", { recursive: true });
  const old = (await readdir("dist")).filter((name) => /^rkv-lens-.*\.vsix$/.test(name));
  for (const name of old) await rm(path.join("dist", name));
}

async function makePackage(target) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "rkv-lens-package-"));
  try {
    for (const file of files) await cp(file, path.join(folder, file), { recursive: true });
    const outdir = path.join(folder, "dist");
    const metafiles = await buildAll({ production: true, outdir, without: ["cli"] });
    const notices = thirdPartyNotices(metafiles, target);
    await writeFile(path.join(folder, "THIRD_PARTY_NOTICES.txt"), notices);
    await copyRuntime(target, path.join(outdir, "node_modules"));
    await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest, null, 2));
    for (const page of ["README.md", "CHANGELOG.md"])
      await writeFile(path.join(folder, page), packedPage(await readFile(page, "utf8"), manifest));
    const packagePath = path.resolve(fileOf(target));
    const options = { target, packagePath, dependencies: false, allowMissingRepository: true };
    await createVSIX({ cwd: folder, ...options });
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

async function checkSize(file) {
  const { size } = await stat(file);
  const megabytes = (size / 1024 ** 2).toFixed(1);
  if (size > largestBytes)
    throw new Error(`${file} has ${megabytes} MB and at most 60 are allowed.`);
  console.log(`${path.relative(".", file)}: ${megabytes} MB`);
}
