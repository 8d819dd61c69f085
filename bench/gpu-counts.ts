/**
 * What a step and a compaction ask of a GPU, counted under SwiftShader: a software driver starts the
 * same programs and moves the same tensors as a graphics card. For the bundled model and every export
 * of the fixtures, the stock graph beside the rewritten one. `npm run bench -- gpu-counts NAME…`
 * takes the models whose path contains a name.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { GpuCounts } from "../test/support/gpuLog";
import { type CountedWork, countWork, workOf } from "../test/support/gpuWork";
import { isUnderSwiftshader } from "../test/support/swiftshader";
import { printTable } from "./support/table";

const folder = "test/fixtures/exports";
const modelFiles = [
  "media/model/onnx/model.onnx",
  ...readdirSync(folder).map((name) => path.join(folder, name, "model.onnx")),
];
/** Models that are counted at a time: counts are the same beside other work. */
const atOnce = 2;

async function main(names: readonly string[]): Promise<void> {
  const wanted = modelFiles.filter(
    (file) => names.length === 0 || names.some((name) => file.includes(name)),
  );
  const counted = new Map<string, CountedWork | { refused: string }>();
  const waiting = wanted.values();
  const countNext = async () => {
    for (const file of waiting) counted.set(file, await workOf(__filename, file));
  };
  await Promise.all(Array.from({ length: atOnce }, countNext));
  const rows = wanted.flatMap((file) => rowsOf(nameOf(file), counted.get(file)!));
  if (rows.length > 0) printTable("Work on a GPU, by ONNX Runtime's log", rows);
  else process.exitCode = 1;
}

function nameOf(modelFile: string): string {
  return modelFile.startsWith(folder) ? path.basename(path.dirname(modelFile)) : "bundled model";
}

/** None, but a line of their reason, for a model that does not run here. */
function rowsOf(model: string, counted: CountedWork | { refused: string }) {
  if ("work" in counted)
    return [...counted.work].map(([work, counts]) => rowOf(model, work, counts, counted));
  console.error(`${model}: ${counted.refused}`);
  return [];
}

function rowOf(model: string, work: string, counts: GpuCounts, { layers }: { layers: number }) {
  const { dispatches, runs, uploads, downloads, cpuNodes, copyNodes } = counts;
  return {
    model,
    layers: String(layers),
    work,
    dispatches: String(dispatches),
    "a layer": (dispatches / layers).toFixed(1),
    runs: String(runs),
    uploads: String(uploads),
    downloads: String(downloads),
    "mapped allocations": String(uploads + downloads),
    "nodes on the CPU": String(cpuNodes),
    "Memcpy nodes": String(copyNodes),
  };
}

if (isUnderSwiftshader()) void countWork(process.argv[2]);
else void main(process.argv.slice(2));
