/**
 * The licences and notices of all that a package holds of others. What is in its bundles is asked of
 * esbuild; a work without a text ends the packaging.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Texts in scripts/licences that npm packages leave out, each for the version it was taken from. */
const leftOut = {
  "@bufbuild/protobuf": { version: "2.17.0", texts: ["protobuf-es.txt"] },
  "@microsoft/fast-element": { version: "1.14.0", texts: ["fast.txt"] },
  "@microsoft/fast-foundation": { version: "2.50.0", texts: ["fast.txt"] },
  "@microsoft/fast-web-utilities": { version: "5.4.1", texts: ["fast.txt"] },
  katex: { version: "0.18.2", texts: ["katex-fonts.txt"] },
  "onnxruntime-common": { version: "1.30.0", texts: ["onnxruntime.txt"] },
  "onnxruntime-node": {
    version: "1.30.0",
    texts: ["onnxruntime.txt", "onnxruntime-third-party.txt"],
  },
};

/** What lies beside ONNX Runtime in its npm package for Windows. */
const onWindows = [
  { title: "DirectML 1.15.4: Microsoft Software License Terms", texts: [kept("directml.txt")] },
  {
    title: "DirectX Shader Compiler 1.8.2502.8: NCSA",
    texts: [kept("directx-shader-compiler.txt")],
  },
];

const onnxSchema = {
  title: "ONNX 1.23.1, its schema: Apache-2.0",
  texts: [readFileSync("src/onnx/proto/LICENSE", "utf8")],
};

const names = /^(licen[cs]e|copying|copyright|notice|third-?party)/i;

/** The text of THIRD_PARTY_NOTICES.txt for one target, from the bundles' metafiles. */
export function thirdPartyNotices(metafiles, target) {
  const runtime = ["onnxruntime-common", "onnxruntime-node"].map((name) => `node_modules/${name}`);
  const works = [...new Set([...metafiles.flatMap(packagesIn), ...runtime])].map(work);
  works.push(onnxSchema, ...(target.startsWith("win32") ? onWindows : []));
  works.sort((a, b) => a.title.localeCompare(b.title, "en"));
  const line = "=".repeat(80);
  const parts = works.map(({ title, texts }) => [line, title, line, ...texts].join("\n\n"));
  const list = works.map(({ title }) => `- ${title}`).join("\n");
  return `R-KV Lens holds works of others:\n\n${list}\n\n${parts.join("\n\n")}\n`;
}

/** The folders of the npm packages of which something is in a bundle. */
function packagesIn({ outputs }) {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([input]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
}

function work(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, "package.json"), "utf8"),
  );
  const own = readdirSync(folder).filter((file) => names.test(file));
  const missing = leftOut[name];
  if (missing && missing.version !== version)
    throw new Error(
      `scripts/licences is for ${name} ${missing.version}, and ${version} is installed: compare its licence texts and name the new version in scripts/thirdParty.mjs.`,
    );
  const texts = own.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  texts.push(...(missing?.texts ?? []).map(kept));
  if (texts.length === 0)
    throw new Error(
      `${name} ${version} comes without its licence: put the text into scripts/licences and name it in scripts/thirdParty.mjs.`,
    );
  return { title: `${name} ${version}: ${license.replace(/^\(|\)$/g, "")}`, texts };
}

function kept(file) {
  return readFileSync(path.join(import.meta.dirname, "licences", file), "utf8").trim();
}
