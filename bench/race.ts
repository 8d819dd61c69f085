/**
 * A step of this engine against those of transformers.js and llama.cpp, which are installed into a
 * folder that goes again: one shape of 1.54 billion int4 parameters, random weights, greedy, on the
 * CPU, each in a process of its own, in turn. Peers read their texts; this engine reads 1,024
 * tokens, and fills its cache with random rows for more. `npm run bench -- race --lengths
 * 1024,8192` takes other lengths than 1,024; `--accuracy-level 0` takes an export whose quantizer
 * was told none.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import type { Budget } from "../src/shared/settings/settings";
import { llamaCpp, llamaCppPackage } from "./peers/llamaCpp";
import { type Runner, serve } from "./peers/serve";
import { transformersJs, transformersJsPackage } from "./peers/transformersJs";
import { writeGguf } from "./support/ggufModel";
import { Peer } from "./support/peer";
import { inFolder, shape, wholeModel, withWholeModel } from "./support/stockModel";
import { median, printTable } from "./support/table";

const [rounds, steps, warmUps] = [3, 16, 3];
/** More would pass the rotary table of the bench's model. */
const longest = 16_384;

/** Where the race's models and packages lie. */
interface Place {
  modelFile: string;
  folder: string;
  contextSize: number;
}

/** Loaded late: in one process there is one ONNX Runtime, and transformers.js brings its own. */
async function ours({ modelFile }: Place, budget: Budget): Promise<Runner> {
  return (await import("./peers/ours")).ours(modelFile, budget);
}

const packagesOf = ({ folder }: Place) => path.join(folder, "node_modules");
const runners: Record<string, (place: Place) => Promise<Runner>> = {
  "ours, whole": (place) => ours(place, { kind: "full" }),
  "ours, 10 %": (place) => ours(place, { kind: "share", percent: 10 }),
  "ours, 1,024 slots": (place) => ours(place, { kind: "count", slots: 1024 }),
  "transformers.js": (place) => transformersJs(packagesOf(place), place.folder),
  "llama.cpp": (place) =>
    llamaCpp(packagesOf(place), path.join(place.folder, "model.gguf"), place.contextSize),
};

async function race(modelFile: string, folder: string, lengths: number[]): Promise<void> {
  const contextSize = Math.max(...lengths) + rounds * steps + warmUps + 64;
  const place = { modelFile, folder, contextSize };
  await prepare(place);
  const peers = new Map<string, Peer>();
  try {
    for (const name of Object.keys(runners))
      peers.set(name, await Peer.start(["run", name, JSON.stringify(place)]));
    for (const length of lengths) await raceAt(length, peers);
  } finally {
    for (const peer of peers.values()) peer.end();
  }
}

async function raceAt(tokens: number, peers: ReadonlyMap<string, Peer>): Promise<void> {
  const readings = new Map<string, { prefill: number; steps: number[]; bytes: number }>();
  for (const [name, peer] of peers) {
    const { millis } = await peer.ask({ tokens, steps: warmUps });
    readings.set(name, { prefill: millis[0], steps: [], bytes: 0 });
  }
  for (let round = 0; round < rounds; round++)
    for (const [name, peer] of peers) {
      const { millis, bytes } = await peer.ask({ steps });
      const reading = readings.get(name);
      reading?.steps.push(...millis);
      if (reading) reading.bytes = bytes;
    }
  const [first] = [...readings.values()].map((reading) => median(reading.steps));
  printTable(
    `${rounds * steps} steps after ${tokens} tokens, on cpu`,
    [...readings].map(([name, { prefill, steps: all, bytes }]) => ({
      runner: name,
      "ms a step": median(all).toFixed(1),
      "against ours, whole": `${(median(all) / first).toFixed(2)} ×`,
      "s to read or fill": (prefill / 1000).toFixed(1),
      "process, MiB": (bytes / 2 ** 20).toFixed(0),
    })),
  );
}

/** Installs the peers, and lays the model out as each of them looks for it. */
async function prepare({ modelFile, folder }: Place): Promise<void> {
  const packages = [transformersJsPackage, llamaCppPackage];
  const flags = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  await promisify(execFile)("npm", ["install", ...flags, ...packages], { cwd: folder });
  await mkdir(path.join(folder, "onnx"));
  for (const name of ["model.onnx", "model.onnx.data"])
    await copyFile(path.join(path.dirname(modelFile), name), path.join(folder, "onnx", name));
  await writeFile(path.join(folder, "config.json"), JSON.stringify(config()));
  writeGguf(path.join(folder, "model.gguf"));
}

function config(): object {
  const { layers, queryHeads, kvHeads } = shape;
  return {
    model_type: "qwen2",
    architectures: ["Qwen2ForCausalLM"],
    hidden_size: wholeModel.hidden,
    intermediate_size: wholeModel.mlp,
    num_hidden_layers: layers,
    num_attention_heads: queryHeads,
    num_key_value_heads: kvHeads,
    vocab_size: wholeModel.vocabulary,
  };
}

async function run(name: string, place: string): Promise<void> {
  serve(await runners[name](JSON.parse(place) as Place));
}

async function main(): Promise<void> {
  const [command, name, place] = process.argv.slice(2);
  if (command === "run") return run(name, place);
  const options = {
    lengths: { type: "string", default: "1024" },
    "accuracy-level": { type: "string", default: "4" },
  } as const;
  const { values } = parseArgs({ options });
  const lengths = values.lengths.split(",").map(Number);
  if (!lengths.every((length) => Number.isInteger(length) && length > 0 && length <= longest)) {
    console.error(`Usage: race [--lengths TOKENS,…, ${longest} at most] [--accuracy-level 0 to 4]`);
    process.exitCode = 2;
    return;
  }
  await withWholeModel(
    (modelFile) => inFolder((folder) => race(modelFile, folder, lengths)),
    Number(values["accuracy-level"]),
  );
}

void main();
