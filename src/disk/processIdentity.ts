/**
 * Tells a process from a later one that got the same id. Linux says when each process was born, in
 * ticks since the machine started; with the machine's start and the table of processes that the id
 * is from (a container has its own), no two processes share that. Elsewhere only a missing process
 * is sure to be gone.
 */
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import * as z from "zod";
import { hasCode } from "./errorCode";

export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** Where that id means this process: the machine's start and the table of processes. */
  place: z.string(),
  /** Ticks between the machine's start and the process's; absent where the system keeps it. */
  born: z.string().optional(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

let own: Promise<ProcessIdentity> | undefined;

/** Looked up once. */
export function thisProcess(): Promise<ProcessIdentity> {
  return (own ??= identify(process.pid));
}

/** Undefined where nobody here can know. */
export async function isAlive({ pid, place, born }: ProcessIdentity): Promise<boolean | undefined> {
  if (place !== (await thisProcess()).place) return undefined;
  if (!hasProcess(pid)) return false;
  const found = await statusOf(pid);
  if (born === undefined || found === undefined) return undefined;
  return born === found.born && !hasEnded.has(found.state);
}

/** Of one whose parent has not asked yet how it ended. */
const hasEnded = new Set(["Z", "X"]);

async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, place: await placeHere(), born: (await statusOf(pid))?.born };
}

async function placeHere(): Promise<string> {
  try {
    const start = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${start.trim()} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/** Fields 3 and 22 of the process's line; its name, field 2, may hold blanks and brackets itself. */
async function statusOf(pid: number): Promise<{ state: string; born: string } | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, born] = [fields[0], fields[19]];
  return state && born ? { state, born } : undefined;
}
