/**
 * A file beside a file, naming the one process that writes it. A lock whose process is gone, or
 * whose process id now belongs to another start of this program, is taken over.
 */
import { readFile, rm, writeFile } from "node:fs/promises";

export class FileLock {
  private constructor(private readonly name: string) {}

  /** Rejects with an Error to be shown where a living process holds the lock. */
  static async take(file: string): Promise<FileLock> {
    const name = `${file}.lock`;
    const owner = JSON.stringify({
      pid: process.pid,
      startedAt: Math.round(performance.timeOrigin),
    });
    if (!(await wrote(name, owner))) {
      if (isAlive(await readFile(name, "utf8").catch(() => "")))
        throw new Error(`Another run is writing ${file}; choose another file for this one.`);
      await rm(name, { force: true });
      if (!(await wrote(name, owner)))
        throw new Error(`Another run has just begun to write ${file}; choose another file.`);
    }
    return new FileLock(name);
  }

  async release(): Promise<void> {
    await rm(this.name, { force: true });
  }
}

async function wrote(name: string, owner: string): Promise<boolean> {
  try {
    await writeFile(name, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(owner: string): boolean {
  const match = /"pid":(\d+),"startedAt":(\d+)/.exec(owner);
  if (!match) return false;
  const [pid, startedAt] = [Number(match[1]), Number(match[2])];
  if (pid === process.pid) return startedAt === Math.round(performance.timeOrigin);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
