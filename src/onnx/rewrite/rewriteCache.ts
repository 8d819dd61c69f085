/**
 * Rewrites kept on disk under the hash of what they were made from and of the code that made them.
 * An entry that does not read back whole counts as absent; a folder that cannot be written costs the
 * next load its time, no more.
 */
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makePrivateFolder } from "../../disk/privateFiles";
import { writeWhole } from "../../disk/wholeFile";
import type { EvictableDecoder } from "../evictableDecoder";

/** The bundle that runs holds the rewriter and all it uses, so that none of it changes unnoticed. */
const rewriter = digest(readFileSync(__filename)).toString("hex", 0, 8);

const entriesKept = 64;

/** What a rewrite makes: the graph's bytes, and what the engine must know to feed them. */
export interface Rewrite {
  decoder: EvictableDecoder;
  graph: Uint8Array;
  /** See RewrittenModel. */
  angles?: Uint8Array;
}

/** At the start of an entry, as JSON. */
interface Header {
  decoder: EvictableDecoder;
  /** Length of the graph; what follows it are the angles. */
  graphBytes: number;
}

const hashBytes = 32;

/** Path of the entry for a model file, by the content of the file. variant: how it is rewritten. */
export async function entryPath(folder: string, modelFile: string, variant: string) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(modelFile, { highWaterMark: 1 << 20 }), hash);
  return join(folder, `${hash.digest("hex")}-${variant}-${rewriter}.rewrite`);
}

/** Entry: SHA-256 of the rest, length of the header (uint32), the header, the graph, the angles. */
export async function readEntry(path: string): Promise<Rewrite | undefined> {
  try {
    const entry = await readFile(path);
    const body = entry.subarray(hashBytes);
    if (!digest(body).equals(entry.subarray(0, hashBytes))) return undefined;
    const end = 4 + body.readUInt32LE(0);
    const { decoder, graphBytes } = JSON.parse(body.toString("utf8", 4, end)) as Header;
    await noteUse(path);
    const graph = body.subarray(end, end + graphBytes);
    const angles = body.subarray(end + graphBytes);
    return { decoder, graph, ...(angles.length > 0 && { angles }) };
  } catch {
    return undefined;
  }
}

/** Never throws: without an entry the model is rewritten at its next load. */
export async function writeEntry(path: string, { decoder, graph, angles }: Rewrite): Promise<void> {
  const header: Header = { decoder, graphBytes: graph.byteLength };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.byteLength);
  const body = Buffer.concat([length, json, graph, angles ?? Buffer.alloc(0)]);
  try {
    await makePrivateFolder(dirname(path));
    await writeWhole(path, Buffer.concat([digest(body), body]));
    await keepNewest(dirname(path));
  } catch {
    // The next load makes it anew.
  }
}

/** Removes all but the entries used last; what a crash left half written grows old with them. */
async function keepNewest(folder: string): Promise<void> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  const files = await Promise.all(
    paths.map(async (path) => ({ path, millis: await usedAt(path) })),
  );
  files.sort((a, b) => b.millis - a.millis);
  for (const { path } of files.slice(entriesKept)) await rm(path, { force: true });
}

/** Another process may have removed the file meanwhile. */
async function usedAt(path: string): Promise<number> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return mtimeMs;
}

/** A folder that cannot be written still gives its entries. */
async function noteUse(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
