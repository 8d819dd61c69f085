/** What a tensor message says about its data: how large it must be, and the value of a single element. */
import { fromHalf } from "../../shared/trace/float16";
import { TensorProto_DataType as DataType, type TensorProto } from "../proto/onnx_pb";

const bitsPerElement: Partial<Record<DataType, number>> = {
  [DataType.FLOAT]: 32,
  [DataType.UINT8]: 8,
  [DataType.INT8]: 8,
  [DataType.UINT16]: 16,
  [DataType.INT16]: 16,
  [DataType.INT32]: 32,
  [DataType.INT64]: 64,
  [DataType.BOOL]: 8,
  [DataType.FLOAT16]: 16,
  [DataType.DOUBLE]: 64,
  [DataType.UINT32]: 32,
  [DataType.UINT64]: 64,
  [DataType.BFLOAT16]: 16,
  [DataType.FLOAT8E4M3FN]: 8,
  [DataType.FLOAT8E5M2]: 8,
  [DataType.UINT4]: 4,
  [DataType.INT4]: 4,
};

/** The cache and all weights have at most four; shapes of thousands make loops of thousands. */
const mostDimensions = 8;

/** Larger tensors fit no machine this runs on; products beyond are no sizes but attacks. */
const largestElementCount = 2 ** 40;

/** Bytes the shape and type ask for; undefined where either is none that a weight can have. */
export function tensorBytes({ dims, dataType }: TensorProto): number | undefined {
  const bits = bitsPerElement[dataType as DataType];
  if (dims.length > mostDimensions) return undefined;
  let elements = 1;
  for (const dim of dims) {
    if (dim < 0n || dim > largestElementCount) return undefined;
    elements *= Number(dim);
    if (elements > largestElementCount) return undefined;
  }
  return bits === undefined ? undefined : Math.ceil((elements * bits) / 8);
}

/** Bytes of the data inside the message, as they would be in its raw form; NaN where it is in two forms. */
export function heldBytes(tensor: TensorProto): number {
  const { rawData, floatData, doubleData, int64Data, int32Data, uint64Data } = tensor;
  const bits = bitsPerElement[tensor.dataType as DataType] ?? 8;
  // Halves of a byte come two in an entry.
  const perEntry = Math.max(bits, 8) / 8;
  const typed = [floatData, doubleData, int64Data, int32Data, uint64Data, tensor.stringData];
  const held = typed.map((data) => data.length * perEntry).filter((bytes) => bytes > 0);
  if (rawData.byteLength > 0) held.push(rawData.byteLength);
  return held.length > 1 ? NaN : (held.at(0) ?? 0);
}

/** The value of an inline tensor with one element; undefined for any other. */
export function scalarOf(tensor: TensorProto): number | undefined {
  if (tensor.dims.some((dim) => dim !== 1n)) return undefined;
  const half: number = DataType.FLOAT16;
  if (tensor.int32Data.length === 1 && tensor.dataType === half)
    return fromHalf(tensor.int32Data[0]);
  const typed = [tensor.floatData, tensor.int64Data, tensor.int32Data, tensor.doubleData];
  for (const data of typed) if (data.length === 1) return Number(data[0]);
  const raw = tensor.rawData;
  if (raw.byteLength !== tensorBytes(tensor)) return undefined;
  const read = readers[tensor.dataType as DataType];
  return read?.(new DataView(raw.buffer, raw.byteOffset, raw.byteLength));
}

const readers: Partial<Record<DataType, (view: DataView) => number>> = {
  [DataType.FLOAT]: (view) => view.getFloat32(0, true),
  [DataType.DOUBLE]: (view) => view.getFloat64(0, true),
  [DataType.INT64]: (view) => Number(view.getBigInt64(0, true)),
  [DataType.INT32]: (view) => view.getInt32(0, true),
  [DataType.FLOAT16]: (view) => fromHalf(view.getUint16(0, true)),
};
