import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { type TraceFile, TraceWriter } from "../../../src/engine/trace/traceWriter";
import { encodeHeader } from "../../../src/shared/trace/encode";
import {
  contentsOf,
  header,
  layerRecord,
  records,
  traceBytes,
} from "../../support/trace/sampleTrace";

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-trace-"));
});
after(() => rm(folder, { recursive: true }));

/** Takes at most `most` bytes at a time, and no more than `room` in all: then the disk is full. */
class SmallDisk {
  readonly taken: number[] = [];
  calls = 0;

  constructor(
    private readonly room: number,
    private readonly most: number,
  ) {}

  readonly file = {
    write: (bytes: Uint8Array, offset: number, length: number) => {
      this.calls += 1;
      const bytesWritten = Math.min(length, this.most, this.room - this.taken.length);
      if (bytesWritten === 0)
        return Promise.reject(
          Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" }),
        );
      this.taken.push(...bytes.subarray(offset, offset + bytesWritten));
      return Promise.resolve({ bytesWritten, buffer: bytes });
    },
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  } as unknown as TraceFile;
}

test("what a writer wrote, a reader reads", async () => {
  const name = path.join(folder, "run.rkvtrace");
  const writer = await TraceWriter.create(name, header);
  for (const record of records) writer.write(record);
  await writer.close();
  assert.equal(writer.error, undefined);
  assert.deepEqual(await contentsOf(await readFile(name)), await contentsOf(traceBytes()));
});

test("a disk that takes bytes in small pieces still gets every one, once", async () => {
  const disk = new SmallDisk(Infinity, 7);
  const writer = new TraceWriter(disk.file, "full.rkvtrace", encodeHeader(header));
  for (const record of records) writer.write(record);
  await writer.close();
  assert.deepEqual(await contentsOf(Uint8Array.from(disk.taken)), await contentsOf(traceBytes()));
});

test("a disk that fills up ends the trace with one sentence, and what was written can be read", async () => {
  const all = await contentsOf(traceBytes());
  const needed = traceBytes().length;
  for (let room = 0; room < needed; room += 61) {
    const disk = new SmallDisk(room, 50);
    const writer = new TraceWriter(disk.file, "full.rkvtrace", encodeHeader(header));
    for (const record of records) writer.write(record);
    await writer.close();
    assert.match(
      writer.error?.message ?? "",
      /^The trace full.rkvtrace cannot be written \(ENOSPC.*free some space/,
    );
    if (room < encodeHeader(header).length) continue;
    const { items } = await contentsOf(Uint8Array.from(disk.taken));
    assert.deepEqual(items, all.items.slice(0, items.length));
  }
});

test("after the disk has failed, nothing more is tried", async () => {
  const disk = new SmallDisk(0, 50);
  const writer = new TraceWriter(disk.file, "full.rkvtrace", encodeHeader(header));
  await writer.close();
  const { calls } = disk;
  writer.write(records[0]);
  await writer.close();
  assert.equal(disk.calls, calls);
});

test("a file that is no trace is left as it is", async () => {
  const name = path.join(folder, "thesis.txt");
  await writeFile(name, "three years of work");
  await assert.rejects(TraceWriter.create(name, header), /not a trace/);
  assert.equal(await readFile(name, "utf8"), "three years of work");
});

test("a trace has one writer, whose lock goes with it", async () => {
  const name = path.join(folder, "locked.rkvtrace");
  const first = await TraceWriter.create(name, header);
  await assert.rejects(TraceWriter.create(name, header), /Another run is writing/);
  await first.close();
  await (await TraceWriter.create(name, header)).close();
  assert.ok(!(await readdir(folder)).includes("locked.rkvtrace.lock"));
});

test("a trace goes on behind its last whole record", async () => {
  const name = path.join(folder, "torn.rkvtrace");
  const whole = traceBytes(records.slice(0, 6));
  await writeFile(name, Buffer.concat([whole, traceBytes().subarray(0, 11)]));
  const writer = await TraceWriter.append(name, whole.length);
  writer.write(layerRecord(0, 0));
  await writer.close();
  assert.deepEqual(
    await contentsOf(await readFile(name)),
    await contentsOf(traceBytes([...records.slice(0, 6), layerRecord(0, 0)])),
  );
});
