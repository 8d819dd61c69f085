/** T22: traces of every format there was, as they are and damaged in the eight ways that files are. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate as othersTurn } from "node:timers/promises";
import type { Random } from "../../src/shared/random";
import { bytesInMemory } from "../../src/shared/trace/byteSource";
import {
  frameBytes,
  largestHeader,
  preludeBytes,
  TraceFormatError,
} from "../../src/shared/trace/format";
import { TraceReader } from "../../src/shared/trace/reader";
import { type Contents, contentsOf } from "../support/trace/sampleTrace";
import type { Attack } from "./attack";
import { tally } from "./figures";

const kept = "test/fixtures/trace";
/** Offsets in the file's head: docs/trace-format.md. */
const [majorAt, headerLengthAt] = [8, 12];

interface Damage {
  name: string;
  /** Of the file's head nothing can be read any more; else all is read up to the damage. */
  isRefused: boolean;
  /** `frames` are the offsets of the records. */
  apply: (bytes: Uint8Array, frames: number[], chance: Random) => Uint8Array;
}

const damages: Damage[] = [
  {
    name: "another magic",
    isRefused: true,
    apply: (bytes, _, chance) => flip(bytes, chance.integer(0, 7)),
  },
  {
    name: "a later format",
    isRefused: true,
    apply: (bytes, _, chance) => written(bytes, majorAt, chance.integer(2, 65_535), 2),
  },
  {
    name: "a header longer than any",
    isRefused: true,
    apply: (bytes, _, chance) =>
      written(bytes, headerLengthAt, chance.integer(largestHeader + 1, 0xffffffff), 4),
  },
  {
    name: "cut in the header",
    isRefused: true,
    apply: (bytes, frames, chance) => bytes.slice(0, chance.integer(0, frames[0] - 1)),
  },
  {
    name: "a wrong byte in the header",
    isRefused: true,
    apply: (bytes, frames, chance) => flip(bytes, chance.integer(preludeBytes, frames[0] - 1)),
  },
  {
    name: "a record longer than the file",
    isRefused: false,
    apply: (bytes, frames, chance) => written(bytes, chance.pick(frames), 0xfffffff0, 4),
  },
  {
    name: "cut in a record",
    isRefused: false,
    apply: (bytes, frames, chance) => {
      const frame = chance.pick(frames);
      return bytes.slice(0, frame + chance.integer(0, frameBytes));
    },
  },
  {
    name: "a wrong byte in a record",
    isRefused: false,
    apply: (bytes, frames, chance) => flip(bytes, chance.integer(frames[0], bytes.length - 1)),
  },
];

export const agedTraces: Attack = {
  id: "T22",
  what: "traces of every format that was ever written, whole and damaged in eight ways",
  goal: "whole ones open to the last record; a later format is refused by its number; of a damaged one, what comes before the damage is read and no wrong row is shown as good",
  short: 16,
  long: 2_000,
  run: async (times, chance) => {
    const names = (await readdir(kept)).filter((name) => name.endsWith(".rkvtrace"));
    assert.ok(names.length > 0, `no trace is kept in ${kept}`);
    const tried: string[] = [];
    for (const name of names) {
      const bytes = new Uint8Array(await readFile(path.join(kept, name)));
      const whole = await contentsOf(bytes);
      const frames = framesOf(bytes);
      for (let turn = 0; turn < times; turn++) {
        const damage = damages[turn % damages.length];
        const damaged = damage.apply(bytes, frames, chance);
        await assertTold(damage, damaged, whole);
        if (!damage.isRefused) await assertReadUpTo(frameOfDamage(bytes, damaged, frames), damaged);
        tried.push(damage.name);
        await othersTurn(); // Nothing else in here would let Ctrl-C through.
      }
    }
    return `${names.length} kept traces; ${tally(tried)}`;
  },
};

async function assertTold(damage: Damage, bytes: Uint8Array, whole: Contents): Promise<void> {
  const read = contentsOf(bytes);
  if (damage.isRefused)
    return assert.rejects(read, (error: Error) => {
      assert.ok(error instanceof TraceFormatError, error.stack);
      assert.match(error.message, /\.$/);
      return true;
    });
  const { items, layers, keys } = await read;
  assert.deepEqual(items, whole.items.slice(0, items.length));
  for (const [name, layer] of layers) assert.deepEqual(layer, whole.layers.get(name));
  for (const [name, record] of keys) assert.deepEqual(record, whole.keys.get(name));
}

/** A frame that is passed over unread may be damaged and yet be read past. */
async function assertReadUpTo(frame: number, bytes: Uint8Array): Promise<void> {
  const reader = await TraceReader.open(bytesInMemory(bytes));
  await reader.refresh(() => undefined);
  assert.ok(reader.recovery.bytes >= frame, `read ${reader.recovery.bytes} bytes of ${frame}`);
}

function frameOfDamage(whole: Uint8Array, damaged: Uint8Array, frames: number[]): number {
  const at = whole.findIndex((byte, i) => damaged[i] !== byte);
  return frames.findLast((frame) => frame <= at) ?? frames[0];
}

/** Where each record begins. */
function framesOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: number[] = [];
  let at = preludeBytes + view.getUint32(headerLengthAt, true);
  for (; at < bytes.length; at += frameBytes + view.getUint32(at, true)) frames.push(at);
  return frames;
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] ^= 0xff;
  return flipped;
}

function written(bytes: Uint8Array, at: number, value: number, size: 2 | 4): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  if (size === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return changed;
}
