/** Damaged and hostile traces, made from a whole one. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { synthesize } from "../../../src/cli/trace/synthesize";
import type { Random } from "../../../src/shared/random";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { crc32 } from "../../../src/shared/trace/crc32";
import { TraceFormatError } from "../../../src/shared/trace/format";
import { load } from "../../../webview/inspector/loader";
import { heldShare, momentAt } from "../../../webview/inspector/model/moment";
import { stepHistories } from "../../../webview/inspector/model/stepHistory";
import { finished } from "./finished";

const shape = {
  tokens: 64,
  layers: 2,
  kvHeads: 2,
  headDim: 4,
  compactions: 2,
  budget: 24,
  seed: 1,
};

/** A function that gives another mutant at each call. */
export async function mutants(random: Random): Promise<() => Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-mutants-"));
  const file = path.join(folder, "seed.rkvtrace");
  await synthesize(file, shape);
  const seed = await readFile(file);
  await rm(folder, { recursive: true });
  const frames = framesOf(seed);
  return () => mutate(seed, frames, random);
}

/** Reads what can be read and counts it; false where nothing could be. Rejects for a true fault. */
export async function survives(bytes: Uint8Array): Promise<boolean> {
  try {
    const { run, refresh } = await load(bytesInMemory(bytes));
    await refresh();
    for (let position = 0; position < run.tokens; position += 5) {
      const share = heldShare(run, position, momentAt(run, run.tokens));
      if (!(share >= 0 && share <= 1)) throw new RangeError(`a share of ${share}`);
    }
    finished(stepHistories(run));
    return true;
  } catch (error) {
    if (!(error instanceof TraceFormatError)) throw error;
    return false;
  }
}

interface Frame {
  offset: number;
  payload: number;
}

function framesOf(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let offset = 20 + bytes.readUInt32LE(12); offset + 9 <= bytes.length;) {
    const payload = bytes.readUInt32LE(offset);
    frames.push({ offset, payload });
    offset += 9 + payload;
  }
  return frames;
}

/** Flips bytes, or cuts; every second time it mends the checksum, so that the bytes are believed. */
function mutate(seed: Buffer, frames: Frame[], random: Random): Uint8Array {
  const bytes = Buffer.from(seed);
  const whole = Math.floor(random.next() * bytes.length);
  if (random.next() < 0.1) return bytes.subarray(0, whole);
  const { offset, payload } = frames[Math.floor(random.next() * frames.length)];
  const from = offset + 9;
  for (let flips = 0; flips <= random.next() * 3; flips++)
    bytes[from + Math.floor(random.next() * payload)] = Math.floor(random.next() * 256);
  if (random.next() < 0.8)
    bytes.writeUInt32LE(
      crc32(bytes.subarray(offset, offset + 5), bytes.subarray(from, from + payload)),
      offset + 5,
    );
  return bytes;
}
