/** The traces of the answers: one file each, the newest ones kept. */
import { lstat, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pruneLocks } from "../../disk/fileLock";
import { ownFolder, type Tell } from "../../disk/setAside";

const ending = ".rkvtrace";

export class TraceStore {
  constructor(
    private readonly folder: string,
    private readonly mostKept: () => number,
    private readonly tell: Tell,
  ) {}

  /** Where an answer's trace lies or would lie. Throws a RangeError for what is no id. */
  fileOf(answer: string): string {
    if (!/^[0-9a-f-]{36}$/.test(answer)) throw new RangeError(`“${answer}” names no answer.`);
    return path.join(this.folder, `${answer}${ending}`);
  }

  /** Closes the folder to others, and removes the locks of engines that were killed. */
  async tidy(): Promise<void> {
    await ownFolder(this.folder, this.tell);
    await pruneLocks(this.folder);
  }

  /** Undefined where no trace is kept; else the place for the next one, with room made for it. */
  async makeRoom(answer: string): Promise<string | undefined> {
    if (this.mostKept() === 0) return undefined;
    await ownFolder(this.folder, this.tell);
    await this.prune(this.mostKept() - 1);
    return this.fileOf(answer);
  }

  /** Bytes of a stored trace, or undefined where there is none. */
  async sizeOf(answer: string): Promise<number | undefined> {
    const found = await stat(this.fileOf(answer)).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  }

  async delete(answers: string[]): Promise<void> {
    await Promise.all(answers.map((answer) => rm(this.fileOf(answer), { force: true })));
  }

  private async prune(kept: number): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(ending));
    const found = await Promise.all(names.map((name) => traceAt(path.join(this.folder, name))));
    const dated = found.filter((trace) => trace !== undefined);
    dated.sort((a, b) => b.at - a.at);
    await Promise.all(dated.slice(kept).map(({ file }) => rm(file, { force: true })));
  }
}

/** Undefined for what is no file, or has gone meanwhile. */
async function traceAt(file: string): Promise<{ file: string; at: number } | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() ? { file, at: found.mtimeMs } : undefined;
}
