/** Downloads from a stand-in hub, and what a cache may hold after them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { downloadVariant } from "../../src/client/models/downloadVariant";
import { Hub } from "../../src/client/models/hub";
import { repository, type StandInHub } from "./standInHub";

export interface Place {
  hub: StandInHub;
  cache: string;
}

/** The folder that the model can be loaded from. */
export async function download(
  { hub, cache }: Place,
  signal = new AbortController().signal,
  report: (done: number) => void = () => undefined,
): Promise<string> {
  const client = new Hub(hub.endpoint, "secret");
  const [variant] = await client.variants(repository);
  assert.ok(variant);
  const timing = { stallMillis: 300, retryMillis: 1 };
  return downloadVariant(client, variant, cache, signal, report, timing);
}

export async function assertWhole(folder: string, hub: StandInHub): Promise<void> {
  const file = await readFile(path.join(folder, "onnx", "model_q4.onnx"));
  assert.ok(file.equals(hub.content), `${file.length} bytes, not the hub's ${hub.content.length}`);
}

/** Every file that has its final name is what its name says, and nothing else lies there. */
export async function assertNothingBad(cache: string): Promise<void> {
  const blobs = path.join(cache, "models--someone--model", "blobs");
  const names = await readdir(blobs).catch(() => []);
  for (const name of names.filter((each) => !each.endsWith(".incomplete"))) {
    const content = await readFile(path.join(blobs, name));
    const hash = name.length === 64 ? createHash("sha256") : gitHash(content.length);
    assert.equal(hash.update(content).digest("hex"), name);
  }
}

function gitHash(size: number) {
  return createHash("sha1").update(`blob ${size}\0`);
}
