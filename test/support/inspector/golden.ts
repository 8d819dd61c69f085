/** The golden vectors of the methods' authors, and cosines computed from them. */
import { readFileSync } from "node:fs";
import path from "node:path";
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
  const bytes = readFileSync(path.join(goldenFolder, name));
  const length = Number(bytes.readBigUInt64LE(0));
  const head = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensor = (key: string): Golden => {
    const { dtype, shape, data_offsets } = head[key];
    const [from, to] = data_offsets.map((offset) => offset + 8 + length);
    const data = bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to);
    return { shape, values: dtype === "I32" ? new Int32Array(data) : new Float32Array(data) };
  };
  const meta = head.__metadata__ as unknown as Record<string, string>;
  return { tensor, meta };
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
