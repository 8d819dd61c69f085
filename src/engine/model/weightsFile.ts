/** Which .onnx file of a folder is the decoder. */
import { readFile, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ModelFolderError, plainFile } from "./modelFiles";

/** Of several, the first in this order: whole decoders before halves. */
const stems = ["model", "decoder_model_merged", "decoder_with_past_model"];

/**
 * Of several dtypes, the first in this order: 4 bits first, for they are what a laptop runs well;
 * then from the most exact down.
 */
const suffixes = ["_q4", "_q4f16", "", "_fp16", "_int8", "_uint8", "_quantized", "_q8", "_bnb4"];

/** Characters: a hash, or a branch's name. */
const longestRevision = 1024;

/** Path of the decoder in `folder` or its onnx/. named: what genai_config.json says it is. */
export async function findWeights(folder: string, named?: string): Promise<string> {
  const inner = await onnxFilesIn(join(folder, "onnx"));
  const found = [...(await onnxFilesIn(folder)), ...inner.map((name) => `onnx/${name}`)];
  const chosen = named === undefined ? choose(found) : found.find((name) => name === named);
  if (chosen !== undefined) return join(folder, chosen);
  throw new ModelFolderError(whyNone(folder, found, named));
}

function choose(found: string[]): string | undefined {
  const order = stems.flatMap((stem) => suffixes.map((suffix) => `${stem}${suffix}.onnx`));
  const known = order.flatMap((name) => found.filter((path) => basename(path) === name));
  return known[0] ?? (found.length === 1 ? found[0] : undefined);
}

function whyNone(folder: string, found: string[], named: string | undefined): string {
  if (named !== undefined)
    return `${folder} has no ${named}, which its genai_config.json names as the decoder: download the folder again.`;
  if (found.length === 0)
    return `${folder} has no .onnx file, nor has a folder onnx in it: name a folder with an ONNX export of the model.`;
  return `${folder} has several .onnx files (${found.slice(0, 8).join(", ")}): name the one to load, such as ${join(folder, found[0])}.`;
}

async function onnxFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.filter((name) => name.endsWith(".onnx")).sort();
}

/**
 * The folder itself, or, where it is a model's folder in the Hugging Face cache (models--org--name),
 * the snapshot that refs/main names, or else the only one.
 */
export async function snapshotOf(folder: string): Promise<string> {
  const snapshots = await readdir(join(folder, "snapshots")).catch(() => []);
  if (snapshots.length === 0) return folder;
  const main = await readRevision(join(folder, "refs", "main"));
  const revision = snapshots.find((name) => name === main.trim()) ?? snapshots[0];
  if (snapshots.length === 1 || revision === main.trim())
    return join(folder, "snapshots", revision);
  throw new ModelFolderError(
    `${folder} has ${snapshots.length} snapshots and none is the main one: name the one to load, such as ${join(folder, "snapshots", revision)}.`,
  );
}

/** Empty where no file names one. */
async function readRevision(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return "";
  const { size } = await plainFile(path);
  return size > longestRevision ? "" : readFile(path, "utf8");
}
