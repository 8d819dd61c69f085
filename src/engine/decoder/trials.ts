/**
 * A stranger's graph is tried under watch: the host is told what is tried, so that the end of this
 * process in the middle of it is an answer, and what ended one before is not tried again.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { crashRecords } from "../../disk/ownCaches";
import { ModelRefused } from "../../onnx/modelRefused";
import { weightBytes } from "../../onnx/weights/weightBytes";
import type { Device } from "../../shared/settings/settings";
import { type ModelTrial, rememberedSentence } from "../../shared/wire/modelTrial";
import { withinMemory } from "../runtime/memoryGuard";
import { runtimeVersion } from "../runtime/runtime";

type Tell = (trial?: ModelTrial) => Promise<void>;

let tell: Tell = () => Promise.resolve();

/** From now on the host hears of each trial as it begins, and of none as it ends. */
export function reportTrials(to: Tell): void {
  tell = to;
}

/** A graph, and the device that it is tried on. */
export interface Tried {
  /** The model file's path or name. */
  file: string;
  graph: Uint8Array;
  device: Device;
}

/**
 * Rejects without trying where the same graph ended a process before: with a ModelRefused on the
 * CPU, and with another Error elsewhere, where the CPU may still run it.
 */
export async function tried<T>(what: Tried, work: () => Promise<T>): Promise<T> {
  const trial = trialOf(what);
  await refuseKnown(trial);
  return withinMemory(weightBytes(what.graph), async () => {
    await tell(trial);
    try {
      return await work();
    } finally {
      await tell();
    }
  });
}

function trialOf({ file, graph, device }: Tried): ModelTrial {
  const hash = createHash("sha256").update(graph).digest("hex");
  const name = `${hash}-${device}-${runtimeVersion}.json`;
  const record = crashRecords && path.join(crashRecords, name);
  return { file: path.basename(file), hash, device, runtime: runtimeVersion, record };
}

const recordSchema = z.object({ did: z.string().max(200) });

async function refuseKnown(trial: ModelTrial): Promise<void> {
  const did = trial.record && (await didBefore(trial.record));
  if (did === undefined) return;
  const message = rememberedSentence(trial, did);
  throw trial.device === "cpu" ? new ModelRefused(message) : new Error(message);
}

/** Undefined where nothing is remembered, or nothing that reads back whole. */
async function didBefore(record: string): Promise<string | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(record, "utf8"))).did;
  } catch {
    return undefined;
  }
}
