/**
 * The only file that knows onnxruntime-node: sessions, tensors, and the moves between host and GPU.
 * What it works around, measured on 1.30.0:
 * - `run` blocks this thread, and two WebGPU runs at once crash the process: they queue here.
 * - An output lands in a caller's GPU buffer only if the session has no preferred output location.
 * - Reading a GPU tensor directly aborts the process: it passes through an Identity session.
 */
import "./runtimeEnvironment";
import * as ort from "onnxruntime-node";
import type { FloatType } from "../../onnx/evictableDecoder";
import { GraphBuilder } from "../../onnx/graph/graphBuilder";
import { reasonOf } from "../../shared/reasonOf";
import type { Device } from "../../shared/settings/settings";

export type Tensor = ort.Tensor;
export type Tensors = Record<string, Tensor>;

/** A graph as bytes with the folder of its external weights, or the path of a graph file. */
export type GraphSource = { bytes: Uint8Array; weightsFolder?: string } | { path: string };

/** Of ONNX Runtime, such as “1.30.0”. */
export const runtimeVersion = ort.env.versions.node ?? "unknown";

/** Bytes of one number of a cached key or value. */
export const bytesPerElement = { float32: 4, float16: 2 } satisfies Record<FloatType, number>;

/** On the host, as the next two; this one shares its numbers with `data`. */
export function float32s(data: Float32Array, dims: readonly number[]): Tensor {
  return new ort.Tensor("float32", data, dims);
}

export function int32s(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return new ort.Tensor("int32", Int32Array.from(values), dims);
}

export function int64s(values: ArrayLike<number>, dims: readonly number[]): Tensor {
  return new ort.Tensor("int64", BigInt64Array.from(values, BigInt), dims);
}

/** The values of a float32 tensor that lies on the host. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new TypeError(`A ${tensor.type} tensor came where float32 was promised.`);
}

/** A run that its device broke off. One that is lost breaks off, or crashes, all that follow. */
export class DeviceError extends Error {
  override name = "DeviceError";

  constructor(
    readonly device: Device,
    cause: unknown,
  ) {
    super(reasonOf(cause), { cause });
  }
}

/** A graph on one device. */
export class Session {
  private constructor(
    private readonly session: ort.InferenceSession,
    readonly device: Device,
  ) {}

  /**
   * threads: 0 is one a core.
   * Throws what the provider says if the graph cannot run on this device; nothing falls back.
   */
  static async create(source: GraphSource, device: Device, threads = 0): Promise<Session> {
    if (device === "webgpu") await keepShaders();
    const options = { intraOpNumThreads: threads };
    return new Session(await createSession(source, device, options), device);
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  /**
   * Runs once. `fetches` names the outputs to compute; where it gives a GPU tensor, the output is
   * written into it, everything else comes back on the host.
   */
  async run(feeds: Tensors, fetches: readonly string[] | Record<string, Tensor | null>) {
    const run = async (): Promise<Tensors> => ({ ...(await this.session.run(feeds, fetches)) });
    return this.device === "webgpu" ? inTurn(run) : onDevice(this.device, run);
  }

  dispose(): Promise<void> {
    return this.session.release();
  }
}

/** Compiled shaders are shared by all sessions, and thrown away with the last: this one stays. */
async function keepShaders(): Promise<void> {
  await zerosHelper("float32", 1);
}

/** A tensor in GPU memory, filled with zeros. */
export async function allocateOnGpu(type: FloatType, dims: readonly number[]): Promise<Tensor> {
  const session = await zerosHelper(type, dims.length);
  const { result } = await inTurn(() => session.run({ shape: int64s(dims, [dims.length]) }));
  return result;
}

/** The same memory, of the host or the GPU, seen with other dimensions; −1 is what is left for it. */
export function reshaped(tensor: Tensor, dims: readonly number[]): Tensor {
  const given = dims.reduce((product, dim) => (dim < 0 ? product : product * dim), 1);
  const whole = dims.map((dim) => (dim < 0 ? tensor.size / given : dim));
  if (tensor.location === "cpu") return tensor.reshape(whole);
  const dataType = tensor.type as FloatType;
  return ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType, dims: whole });
}

/** Runs a small graph on the GPU, made once under its name; what it puts out stays there. */
export async function onGpu(
  name: string,
  fill: (g: GraphBuilder) => void,
  feeds: Tensors,
): Promise<Tensors> {
  const session = await gpuHelper(name, fill);
  return inTurn(async () => ({ ...(await session.run(feeds)) }));
}

function zerosHelper(type: FloatType, rank: number): Promise<ort.InferenceSession> {
  return gpuHelper(`zeros ${type} ${rank}`, (g) => {
    const zero = g.constant(type === "float32" ? Float32Array.of(0) : Uint16Array.of(0), []);
    const zeros = g.node("Expand", [zero, g.input("shape", "int64", ["rank"])]);
    const dims = Array.from({ length: rank }, (_, i) => `d${i}`);
    g.output(zeros, "result", type, dims);
  });
}

const helpers = new Map<string, Promise<ort.InferenceSession>>();

/** Small graphs of this file's own, made once; they live as long as the process. */
function gpuHelper(name: string, fill: (g: GraphBuilder) => void): Promise<ort.InferenceSession> {
  let helper = helpers.get(name);
  if (!helper) {
    const g = new GraphBuilder();
    fill(g);
    const options = { preferredOutputLocation: "gpu-buffer" } as const;
    helper = createSession({ bytes: g.build() }, "webgpu", options);
    helpers.set(name, helper);
  }
  return helper;
}

async function createSession(
  source: GraphSource,
  device: Device,
  more: ort.InferenceSession.SessionOptions = {},
): Promise<ort.InferenceSession> {
  const options: ort.InferenceSession.SessionOptions = {
    ...more,
    // The device alone: beside another one, a device that is missing would be dropped in silence.
    executionProviders: [device],
    logSeverityLevel: 3,
    // Patterns are remembered for every new shape of the inputs, and a growing cache has no end of them.
    enableMemPattern: false,
  };
  if ("path" in source)
    return ort.InferenceSession.create(source.path, { ...options, extra: { session: threading } });
  const folder = source.weightsFolder;
  const extra = {
    session: folder
      ? { ...threading, model_external_initializers_file_folder_path: folder }
      : threading,
    // The fusion puts rotary back into the attention, where it follows the cache length.
    optimization: { disable_specified_optimizers: "GroupQueryAttentionFusion" },
  };
  return ort.InferenceSession.create(source.bytes, { ...options, extra });
}

/**
 * Waking a thread for each product costs a fifth of a large model's step, so threads spin between
 * two products. They stop as the run ends, and where the next is not near: longer, they would hold
 * cores from whatever else the machine has to do, the threads they wait for included.
 */
const threading = {
  intra_op: { allow_spinning: "1", spin_duration_us: "200" },
  force_spinning_stop: "1",
};

let lastGpuRun: Promise<unknown> = Promise.resolve();

function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = onDevice("webgpu", () => lastGpuRun.then(run, run));
  lastGpuRun = result.catch(() => undefined);
  return result;
}

async function onDevice<T>(device: Device, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new DeviceError(device, error);
  }
}
