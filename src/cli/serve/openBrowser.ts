/**
 * Opens an address in the person's browser by way of a page in a file that only this account can
 * read and that leads on to it. Every account of a machine can read the arguments of every program;
 * this way they name a file, not a token.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeWhole } from "../../disk/wholeFile";

/**
 * Resolves to what removes the file again; where the system has nothing to open it with, nothing
 * happens. The address is one of ours, which holds nothing that HTML would take for its own.
 */
export async function openBrowser(address: string): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-lens-"));
  const file = path.join(folder, "open.html");
  await writeWhole(file, pageLeadingTo(address));
  openFile(file);
  return () => rm(folder, { recursive: true, force: true });
}

function pageLeadingTo(address: string): string {
  return `<!doctype html>
<meta charset="utf-8" />
<meta http-equiv="refresh" content="0; url=${address}" />
<title>R-KV Lens</title>
<p><a href="${address}">Open R-KV Lens</a></p>
`;
}

const commands: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

function openFile(file: string): void {
  const [command = "", ...args] = commands[process.platform] ?? ["xdg-open"];
  const opener = spawn(command, [...args, file], { stdio: "ignore", detached: true });
  opener.on("error", () => undefined); // The terminal shows an address as well.
  opener.unref();
}
