/** Attacks that need a real VS Code run a file of test/vscode, as `npm run test:vscode` does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Random } from "../../src/shared/random";

export function cannotRunVscode(): string | undefined {
  const here = `${process.platform}-${process.arch}`;
  return here === "linux-x64" ? undefined : `VS Code's npm packages run on linux-x64, not ${here}`;
}

/**
 * What the file found, the words behind “Seen:” that it printed. Rejects with its output where a test
 * in it failed.
 */
export async function inRealVscode(
  file: string,
  times: number,
  chance: Random,
  tell: (progress: string) => void,
): Promise<string> {
  const child = spawn(process.execPath, ["scripts/testVscode.mjs", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      RKV_LENS_TIMES: String(times),
      RKV_LENS_SEED: String(chance.integer(0, 1e9)),
    },
  });
  let words = "";
  child.stdout.on("data", (data: Buffer) => {
    words += data.toString();
    for (const line of data.toString().match(/^\s*[✔✖].*$/gm) ?? []) tell(line.trim());
  });
  const [code] = (await once(child, "close")) as [number | null];
  const seen = /^Seen: (.*)$/m.exec(words)?.[1];
  if (code !== 0 || seen === undefined) throw new Error(`test/vscode/${file}.ts failed:\n${words}`);
  return seen;
}
