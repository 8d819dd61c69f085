/** Random int4 weights, block 32, each in bytes of its own beside the model: no cache holds them all. */
import { create } from "@bufbuild/protobuf";
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { dataTypeOf, type ElementType, type GraphBuilder } from "../../src/onnx/graph/graphBuilder";
import {
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "../../src/onnx/proto/onnx_pb";

const fileName = "model.onnx.data";
const blockSize = 32;

export class Int4Weights {
  private readonly file: number;
  private written = 0;

  constructor(
    folder: string,
    private readonly accuracyLevel: number,
  ) {
    this.file = openSync(path.join(folder, fileName), "w");
  }

  /** x [.., K] times a weight [K, N], as the quantizers of onnxruntime write it. */
  matMul(g: GraphBuilder, x: string, K: number, N: number, output?: string): string {
    const blocks = K / blockSize;
    const quarters = randomFillSync(new Uint8Array((N * K) / 2));
    const scales = Float32Array.from({ length: N * blocks }, () => 0.02 * Math.random());
    const inputs = [
      x,
      this.weight(g, "uint8", [N, blocks, blockSize / 2], quarters),
      this.weight(g, "float32", [N * blocks], new Uint8Array(scales.buffer)),
    ];
    const sizes = { K, N, bits: 4, block_size: blockSize, accuracy_level: this.accuracyLevel };
    return g.node("MatMulNBits", inputs, sizes, { domain: "com.microsoft", output });
  }

  close(): void {
    closeSync(this.file);
  }

  private weight(g: GraphBuilder, type: ElementType, dims: number[], bytes: Uint8Array): string {
    const where = { location: fileName, offset: this.written, length: bytes.length };
    writeSync(this.file, bytes);
    this.written += bytes.length;
    const entries = Object.entries(where).map(([key, value]) => ({ key, value: String(value) }));
    const tensor = create(TensorProtoSchema, {
      dims: dims.map(BigInt),
      dataType: dataTypeOf(type),
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: entries.map((entry) => create(StringStringEntryProtoSchema, entry)),
    });
    return g.weight(tensor);
  }
}
