/** Which of the devices that can run a model takes less time for a step: measured, then remembered. */
import type { Device } from "../../shared/settings/settings";

/** Milliseconds that a step takes, by device. */
export type StepMillis = Partial<Record<Device, number>>;

/** What was measured before of a model on this machine. */
export interface SpeedMemory {
  /** Undefined where nothing was, or the model, the machine or a driver is another since. */
  recall(): Promise<StepMillis | undefined>;
  keep(speeds: StepMillis): Promise<void>;
}

/** What is timed. */
interface Stepping {
  feed(ids: number[][]): Promise<unknown>;
  truncate(length: number): Promise<unknown>;
  dispose(): Promise<void>;
}

/** The CPU must be ahead by so much: a graphics device leaves the cores to the editor. */
const worthTheCores = 0.9;

/** By rising time, with what the cores are worth to the editor counted in. */
export function byTime(speeds: StepMillis): Device[] {
  const cost = (device: Device): number =>
    (speeds[device] ?? Infinity) / (device === "cpu" ? worthTheCores : 1);
  return (Object.keys(speeds) as Device[]).sort((a, b) => cost(a) - cost(b));
}

/**
 * Times the model on WebGPU and on the CPU where both can run it, one after the other: two copies
 * might not fit. Undefined where none can.
 *
 * @param open undefined where the device cannot run it
 */
export async function openFastest<T extends { decoder: Stepping }>(
  open: (device: Device) => Promise<T | undefined>,
  memory: SpeedMemory,
  onMeasure: () => void,
  now = () => performance.now(),
): Promise<{ opened: T | undefined; speeds: StepMillis }> {
  const known = await memory.recall();
  for (const device of known ? byTime(known) : []) {
    const opened = await open(device);
    if (opened) return { opened, speeds: known ?? {} };
  }
  const onGpu = await open("webgpu");
  if (!onGpu) return { opened: await open("cpu"), speeds: {} };
  onMeasure();
  const webgpu = await stepMillis(onGpu.decoder, now);
  await onGpu.decoder.dispose();
  const onCpu = await open("cpu");
  if (!onCpu) return { opened: await open("webgpu"), speeds: {} };
  const speeds = { webgpu, cpu: await stepMillis(onCpu.decoder, now) };
  await memory.keep(speeds);
  if (byTime(speeds)[0] === "cpu") return { opened: onCpu, speeds };
  await onCpu.decoder.dispose();
  return { opened: await open("webgpu"), speeds };
}

const [prompt, warmUps, steps] = [32, 3, 9];
const longestMillis = 3_000;

/** Median of some steps behind a short prompt, the first ones left out: shaders are compiled then. */
export async function stepMillis(decoder: Stepping, now: () => number): Promise<number> {
  await decoder.feed([Array.from({ length: prompt }, () => 0)]);
  for (let step = 0; step < warmUps; step++) await decoder.feed([[0]]);
  const times: number[] = [];
  const end = now() + longestMillis;
  while (times.length === 0 || (times.length < steps && now() < end)) {
    const began = now();
    await decoder.feed([[0]]);
    times.push(now() - began);
  }
  await decoder.truncate(0);
  return times.sort((a, b) => a - b)[times.length >> 1];
}
