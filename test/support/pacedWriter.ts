/**
 * A process that writes the trace at argv[2] anew to argv[3], argv[4] tokens a second, as an engine
 * does: tokens one by one, all else at once. It says when the file has begun, starts when it is
 * told to, and ends by telling when it wrote each token, in milliseconds since 1970.
 */
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { TraceWriter } from "../../src/engine/trace/traceWriter";
import { bytesInMemory } from "../../src/shared/trace/byteSource";
import { TraceReader } from "../../src/shared/trace/reader";
import type { TokensRecord, TraceRecord } from "../../src/shared/trace/records";

const [whole = "", live = "", tokensPerSecond = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const reader = await TraceReader.open(bytesInMemory(await readFile(whole)));
  const records = await recordsOf(reader);
  const writer = await TraceWriter.create(live, reader.header);
  process.send?.("begun");
  await once(process, "message");
  const written = await writePaced(writer, records);
  await writer.close();
  process.send?.(written, () => process.disconnect());
}

async function recordsOf(reader: TraceReader): Promise<TraceRecord[]> {
  const records: (() => Promise<TraceRecord | undefined>)[] = [];
  await reader.refresh((item) => {
    if (item.type === "tokens")
      for (const one of oneByOne(item)) records.push(() => Promise.resolve(one));
    else if (item.type === "compactionLayer")
      records.push(() => reader.layer(0, item.compaction, item.layer));
    else records.push(() => Promise.resolve(item));
  });
  const all = await Promise.all(records.map((record) => record()));
  return all.filter((record) => record !== undefined);
}

function oneByOne(record: TokensRecord): TokensRecord[] {
  return record.texts.map((text, at) => ({
    ...record,
    firstPosition: record.firstPosition + at,
    texts: [text],
    ids: record.ids.slice(at, at + 1),
    logProbs: record.logProbs.slice(at, at + 1),
    millis: record.millis.slice(at, at + 1),
  }));
}

async function writePaced(writer: TraceWriter, records: TraceRecord[]): Promise<number[]> {
  const written: number[] = [];
  const began = Date.now();
  for (const record of records) {
    if (record.type === "tokens") {
      const due = began + (written.length * 1000) / Number(tokensPerSecond);
      if (due > Date.now()) await sleep(due - Date.now());
      written.push(Date.now());
    }
    writer.write(record);
  }
  return written;
}

void main();
