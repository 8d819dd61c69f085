/**
 * All that the CLI says goes out here, so that no text of a model, file or server steers the
 * terminal, and nothing is lost without a word. Lint keeps the rest of the CLI off the streams.
 */
import { once } from "node:events";
import { fstatSync, writeFileSync } from "node:fs";
import { WriteError } from "../disk/writeError";
import { exitCodes } from "./exitCodes";
import { Screen, type Sink } from "./screen";

let isAsideLost = false;
let endsUnread = true;

/** Standard output: what was asked for. */
export const output = new Screen(sinkOf(process.stdout, endUnread));
/** Standard error: what else a person should know. */
export const aside = new Screen(sinkOf(process.stderr, () => (isAsideLost = true)));

process.on("exit", (code) => {
  if (isAsideLost && endsUnread && code === exitCodes.done) process.exitCode = exitCodes.unwritten;
});

/** Writes to standard output, and waits for a slow reader, so that nothing piles up in memory. */
export async function pour(text: string): Promise<void> {
  if (!output.write(text)) await once(process.stdout, "drain");
}

/** Node's stream takes a short write to a file, the first sign of a full disk, for a whole one. */
function sinkOf(
  stream: NodeJS.WriteStream & { fd: number },
  onLost: (error: unknown) => void,
): Sink {
  stream.on("error", onLost);
  if (stream.isTTY || !fstatSync(stream.fd).isFile()) return stream;
  const write = (text: string): void => {
    try {
      writeFileSync(stream.fd, text);
    } catch (error) {
      onLost(error);
    }
  };
  return { write };
}

/** For a process that talks to pages: it does not end because nobody reads the terminal. */
export function goOnUnread(): void {
  endsUnread = false;
}

/** There is nobody left to go on for. */
function endUnread(error: unknown): void {
  if (!endsUnread) return;
  aside.say(new WriteError("The output", error).message);
  process.exit(exitCodes.unwritten);
}
