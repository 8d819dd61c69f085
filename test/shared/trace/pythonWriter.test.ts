/** docs/trace-format.md is enough to write a trace: its own example does, and a reader reads it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { contentsOf, header, layerRecord, tokensRecord } from "../../support/trace/sampleTrace";

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;
const skip = hasNumpy ? false : "python3 with numpy is not here";

const script = `
import sys
nan = float("nan")
trace = Trace(sys.argv[1], json.loads(sys.argv[2]))
trace.tokens(0, [100, 101], ["Ned", " has"], [nan, nan], [0, 10], True)
trace.write(4, dict(chain=0, compaction=0, position=4, cause="buffer", policy="mine", **{"lambda": 0.1},
    similarityThreshold=0.5, window=1, budget=2, millis=3.5, bytesBefore=512, bytesAfter=256))
positions = np.array([[0, 1, 2, 3], [0, 1, 2, 3]])
scores = np.array([[0, .25, .5, nan], [1, 1.25, 1.5, nan]])
trace.layer(0, 0, positions, np.array([[0, 1, 0, 1], [0, 1, 0, 1]]), scores,
    {"importance": 2 * scores, "redundancy": -0.5 * scores})
trace.keys(1, 0, np.full((2, 4, 4), 0.5))
trace.write(9, dict(stopReason="end", millis=60, tokens=0))
trace.file.close()
`;

test("the Python writer of the format's page writes what a reader reads", { skip }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-python-"));
  try {
    const page = await readFile("docs/trace-format.md", "utf8");
    const example = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const [program, out] = ["write.py", "out.rkvtrace"].map((name) => path.join(folder, name));
    await writeFile(program, example + script);
    const run = spawnSync("python3", [program, out, JSON.stringify(header)], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);

    const { items, layers, keys } = await contentsOf(await readFile(out));
    assert.deepEqual(
      items.map(({ type }) => type),
      ["tokens", "compaction", "compactionLayer", "end"],
    );
    assert.deepEqual(items[0], tokensRecord(0, ["Ned", " has"], true));
    assert.deepEqual(layers.get("0 0"), layerRecord(0, 0));
    assert.deepEqual(keys.get("1 3")?.keys, new Float32Array(32).fill(0.5));
  } finally {
    await rm(folder, { recursive: true });
  }
});
