/** Where a model can run, and what people read of it, in the order in which it is offered. */
interface DeviceWords {
  label: string;
  /** What it is, in a few words. */
  description: string;
}

const table = {
  auto: {
    label: "Auto",
    description: "the faster of WebGPU and the CPU, timed once for each model",
  },
  webgpu: { label: "WebGPU", description: "the graphics device of any maker" },
  cpu: { label: "CPU", description: "the processor, which works everywhere" },
  cuda: { label: "CUDA", description: "NVIDIA's graphics devices, on Linux" },
  coreml: { label: "CoreML", description: "Apple's machines" },
  dml: { label: "DirectML", description: "graphics devices on Windows" },
} as const satisfies Record<string, DeviceWords>;

/** What can be asked for. */
export type DeviceChoice = keyof typeof table;
/** Where a model then runs. */
export type Device = Exclude<DeviceChoice, "auto">;

export const deviceWords: Record<DeviceChoice, DeviceWords> = table;

export const deviceNames = Object.keys(table) as [DeviceChoice, ...DeviceChoice[]];
