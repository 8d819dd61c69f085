/** What a step and a compaction ask of a GPU at most, counted for one small model. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countWork, workOf } from "../../support/gpuWork";
import { cannotTestWebGpu, isUnderSwiftshader } from "../../support/swiftshader";

const modelFile = "test/fixtures/exports/genai-llama-fp32-cpu/model.onnx";

if (isUnderSwiftshader()) void countWork(process.argv[2]);
else
  test("WebGPU has little to start and to move", { skip: cannotTestWebGpu() }, async () => {
    const counted = await workOf(__filename, modelFile);
    assert.ok("work" in counted, JSON.stringify(counted));
    const { layers, work } = counted;
    const [stock, step, compaction] = ["stock step", "step", "compaction"].map((name) =>
      work.get(name)!,
    );
    const [lastToken, allQueries] = [1, 1];
    assert.ok(stock.dispatches > layers, `${stock.dispatches} dispatches were seen`);
    assert.ok(step.dispatches <= stock.dispatches + lastToken + allQueries);
    assert.equal(step.downloads, 1);
    assert.ok(step.uploads + step.downloads <= 4);
    assert.equal(step.cpuNodes + step.copyNodes, 0);
    assert.ok(compaction.runs <= 3);
    assert.ok(compaction.dispatches > layers && compaction.dispatches <= 25 * layers);
    assert.equal(compaction.downloads, 1);
    assert.equal(compaction.cpuNodes + compaction.copyNodes, 0);
  });
