import * as z from "zod";

const tensorSchema = z.object({
  dtype: z.enum(["F32", "I32"]),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).default({}) })
  .catchall(tensorSchema);

/** The tensors of a file, by name. */
export interface Safetensors {
  metadata: Record<string, string>;
  has(name: string): boolean;
  /** Throw an Error if there is no tensor of this name and type. */
  floats(name: string): Float32Array;
  ints(name: string): Int32Array;
  shape(name: string): number[];
}

/** Reads a safetensors file of float32 and int32 tensors. Throws an Error on anything else. */
export function readSafetensors(file: Uint8Array): Safetensors {
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = new TextDecoder().decode(file.subarray(8, 8 + headerBytes));
  const { __metadata__: metadata, ...tensors } = headerSchema.parse(JSON.parse(header));
  const find = (name: string, dtype?: "F32" | "I32") => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (!found || (dtype && found.dtype !== dtype))
      throw new Error(`The file holds no ${dtype ?? ""} tensor “${name}”.`);
    return found;
  };
  const bytes = (name: string, dtype: "F32" | "I32") => {
    const [start, end] = find(name, dtype).data_offsets;
    // A copy, because the file's own bytes need not lie at a multiple of 4.
    return Uint8Array.from(file.subarray(8 + headerBytes + start, 8 + headerBytes + end)).buffer;
  };
  return {
    metadata,
    has: (name) => Object.hasOwn(tensors, name),
    floats: (name) => new Float32Array(bytes(name, "F32")),
    ints: (name) => new Int32Array(bytes(name, "I32")),
    shape: (name) => find(name).shape,
  };
}
