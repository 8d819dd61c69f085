/** Damaged and hostile traces, made from a whole one. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { synthesize } from "../../../src/cli/trace/synthesize";
import type { Random } from "../../../src/shared/random";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { crc32 } from "../../../src/shared/trace/crc32";
import { TraceFormatError } from "../../../src/shared/trace/format";
import { load } from "../../../webview/inspector/state/loader";
import { TraceData } from "../../../webview/inspector/state/traceData";
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
    const { run, reader, refresh } = await load(bytesInMemory(bytes));
    await refresh();
    const data = new TraceData(() => undefined);
    data.serve(run, reader);
    await data.chains(run);
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

function mutate(seed: Buffer, frames: Frame[], random: Random): Uint8Array {
  const kinds = [cut, flipped, flipped, flipped, claiming, claiming, headed, shuffled];
  return random.pick(kinds)(seed, frames, random);
}

function cut(seed: Buffer, _: Frame[], random: Random): Uint8Array {
  return seed.subarray(0, Math.floor(random.next() * seed.length));
}

/** Flips bytes; most times it mends the checksum, so that the bytes are believed. */
function flipped(seed: Buffer, frames: Frame[], random: Random): Uint8Array {
  const bytes = Buffer.from(seed);
  const { offset, payload } = random.pick(frames);
  for (let flips = 0; flips <= random.next() * 3; flips++)
    bytes[offset + 9 + Math.floor(random.next() * payload)] = Math.floor(random.next() * 256);
  if (random.next() < 0.8) mend(bytes.subarray(offset, offset + 9 + payload));
  return bytes;
}

const extremes: unknown[] = [
  ...[0, 1, 2, 255, 1023, 1024, 4096, 65_536, 9_999_999, 10_000_000, 2 ** 31, -1, 0.5, 1e308],
  ...[null, true, "", "<script>", "x".repeat(5_000), [], {}],
];

/** Puts an extreme value in the place of a field of one record's head, or of several. */
function claiming(seed: Buffer, frames: Frame[], random: Random): Uint8Array {
  const { offset, payload } = random.pick(frames);
  const old = seed.subarray(offset + 9, offset + 9 + payload);
  const length = old.readUInt32LE(0);
  const head = changed(old.subarray(4, 4 + length), random);
  const columns = old.subarray(4 * Math.ceil((4 + length) / 4));
  const padding = Buffer.alloc((4 - ((4 + head.length) % 4)) % 4);
  const frame = Buffer.concat([Buffer.alloc(13), head, padding, columns]);
  frame.writeUInt32LE(frame.length - 9, 0);
  frame[4] = seed[offset + 4];
  frame.writeUInt32LE(head.length, 9);
  mend(frame);
  return Buffer.concat([seed.subarray(0, offset), frame, seed.subarray(offset + 9 + payload)]);
}

/** The same with the file's header. */
function headed(seed: Buffer, _: Frame[], random: Random): Uint8Array {
  const length = seed.readUInt32LE(12);
  const json = changed(seed.subarray(20, 20 + length), random);
  const start = Buffer.from(seed.subarray(0, 20));
  start.writeUInt32LE(json.length, 12);
  start.writeUInt32LE(crc32(start.subarray(0, 16), json), 16);
  return Buffer.concat([start, json, seed.subarray(20 + length)]);
}

/** Records left out, twice there, or in another order. */
function shuffled(seed: Buffer, frames: Frame[], random: Random): Uint8Array {
  const kept = frames.flatMap((frame) => random.pick([[], [frame, frame], [frame], [frame]]));
  const [one, other] = [random.pick(kept), random.pick(kept)];
  const order = kept.map((frame) => (frame === one ? other : frame === other ? one : frame));
  const bytes = order.map(({ offset, payload }) => seed.subarray(offset, offset + 9 + payload));
  return Buffer.concat([seed.subarray(0, frames[0].offset), ...bytes]);
}

function changed(json: Uint8Array, random: Random): Buffer {
  const head = JSON.parse(Buffer.from(json).toString()) as Record<string, unknown>;
  do head[random.pick(Object.keys(head))] = random.pick(extremes);
  while (random.next() < 0.4);
  return Buffer.from(JSON.stringify(head));
}

function mend(frame: Buffer): void {
  frame.writeUInt32LE(crc32(frame.subarray(0, 5), frame.subarray(9)), 5);
}
