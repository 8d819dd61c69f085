/** The measured speeds of a model's devices, kept among this person's caches. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { availableParallelism, cpus, release } from "node:os";
import path from "node:path";
import * as z from "zod";
import { deviceSpeeds } from "../../disk/ownCaches";
import { writeWhole } from "../../disk/wholeFile";
import { runtimeVersion } from "../runtime/runtime";
import type { SpeedMemory } from "./fastestDevice";

const millis = z.number().positive();
const speedsSchema = z.object({ webgpu: millis, cpu: millis });

/**
 * Known by the model's file, the machine and its graphics drivers.
 *
 * @param again whether what was measured before is passed over
 */
export async function speedsOf(
  modelFile: string,
  variant: string,
  again: boolean,
  folder = deviceSpeeds,
): Promise<SpeedMemory> {
  const { size, mtimeMs } = await stat(modelFile);
  const key = JSON.stringify([path.resolve(modelFile), size, mtimeMs, variant, ...machine()]);
  const name = `${createHash("sha256").update(key).digest("hex")}.json`;
  const file = folder && path.join(folder, name);
  return {
    recall: async () => (file === undefined || again ? undefined : readSpeeds(file)),
    // What cannot be kept is measured again.
    keep: async (speeds) => {
      if (file !== undefined) await writeWhole(file, JSON.stringify(speeds)).catch(() => undefined);
    },
  };
}

async function readSpeeds(file: string) {
  try {
    return speedsSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Elsewhere than on Linux a driver comes with the system or has no version that Node can read. */
function machine(): (string | number)[] {
  const { VK_ICD_FILENAMES = "", VK_DRIVER_FILES = "" } = process.env;
  const [first] = cpus();
  const system = [process.platform, process.arch, release(), runtimeVersion];
  const drivers = [VK_ICD_FILENAMES, VK_DRIVER_FILES, ...linuxDrivers()];
  return [first?.model ?? "", availableParallelism(), ...system, ...drivers];
}

const [cards, nvidia] = ["/sys/class/drm", "/proc/driver/nvidia/version"];

function linuxDrivers(): string[] {
  const devices = namesIn(cards)
    .filter((name) => /^card\d+$/.test(name))
    .flatMap((name) => ["vendor", "device"].map((fact) => path.join(cards, name, "device", fact)));
  return [nvidia, ...devices].map(textOf);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
