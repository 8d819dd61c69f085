/**
 * What a step and a compaction ask of a GPU, counted under SwiftShader: a software driver starts the
 * same programs and moves the same tensors as a graphics card. For the bundled model and every export
 * of the fixtures, the stock graph beside the rewritten one. `npm run bench -- gpu-counts NAME…`
 * takes the models whose path contains a name.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { GpuCounts } from "../test/support/gpuLog";
import { countWork, workOf } from "../test/support/gpuWork";
import { isUnderSwiftshader } from "../test/support/swiftshader";
import { printTable } from "./support/table";

const folder = "test/fixtures/exports";
const modelFiles = [
  "media/model/onnx/model.onnx",
  ...readdirSync(folder).map((name) => path.join(folder, name, "model.onnx")),
];

function main(names: readonly string[]): void {
  const rows: Record<string, string>[] = [];
  const refused: string[] = [];
  for (const modelFile of modelFiles) {
    if (names.length > 0 && !names.some((name) => modelFile.includes(name))) continue;
    const model = path.basename(path.dirname(modelFile)).replace(/^onnx$/, "bundled model");
    const counted = workOf(__filename, modelFile);
    if ("refused" in counted) refused.push(`${model}: ${counted.refused}`);
    else for (const [work, counts] of counted.work) rows.push(rowOf(model, work, counts, counted));
  }
  if (rows.length > 0) printTable("Work on a GPU, by ONNX Runtime's log", rows);
  console.log(["", ...refused].join("\n"));
  if (rows.length === 0) process.exitCode = 1;
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
else main(process.argv.slice(2));
