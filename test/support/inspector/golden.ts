/** The golden vectors of the methods' authors, and cosines computed from them. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { readSafetensors } from "../../../src/engine/proof/safetensors";
import { similarityByRow } from "../../../webview/inspector/model/similarity";

export function similarity(keys: Float32Array, slots: number, headDim: number): Float32Array {
  const work = similarityByRow(keys, slots, headDim);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

export const goldenFolder = "test/fixtures/golden";

export interface Golden {
  shape: number[];
  values: Float32Array | Int32Array;
}

export function goldenCase(name: string) {
  const file = readSafetensors(readFileSync(path.join(goldenFolder, name)));
  const tensor = (key: string): Golden => ({
    shape: file.shape(key),
    values: key.startsWith("kept.") ? file.ints(key) : file.floats(key),
  });
  return { tensor, meta: file.metadata };
}

export function unitKeys(keys: Float32Array, headDim: number): Float32Array {
  const unit = keys.slice();
  for (let from = 0; from < unit.length; from += headDim) {
    const row = unit.subarray(from, from + headDim);
    const length = Math.hypot(...row) + 1e-8;
    row.forEach((value, d) => (row[d] = value / length));
  }
  return unit;
}
