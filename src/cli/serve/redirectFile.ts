/**
 * A page in a file that only this account can read, and that leads on to an address. Every account
 * of a machine can read the arguments of every program; this way they name a file, not a token.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeWhole } from "../../disk/wholeFile";

export interface RedirectFile {
  file: string;
  remove: () => Promise<void>;
}

/** The address is one of ours, which holds nothing that HTML would take for its own. */
export async function writeRedirect(address: string): Promise<RedirectFile> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-"));
  const file = path.join(folder, "open.html");
  await writeWhole(
    file,
    `<!doctype html>
<meta charset="utf-8" />
<meta http-equiv="refresh" content="0; url=${address}" />
<title>R-KV Lens</title>
<p><a href="${address}">Open R-KV Lens</a></p>
`,
  );
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
