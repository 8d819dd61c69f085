/** The traces of the answers: one file each, the newest ones kept. */
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";

const ending = ".rkvtrace";

export class TraceStore {
  constructor(
    private readonly folder: string,
    private readonly mostKept: () => number,
  ) {}

  fileOf(answer: string): string {
    if (!/^[0-9a-f-]{36}$/.test(answer)) throw new RangeError(`“${answer}” names no answer.`);
    return path.join(this.folder, `${answer}${ending}`);
  }

  /** Undefined where no trace is kept; else the place for the next one, with room made for it. */
  async makeRoom(answer: string): Promise<string | undefined> {
    if (this.mostKept() === 0) return undefined;
    await mkdir(this.folder, { recursive: true });
    await this.prune(this.mostKept() - 1);
    return this.fileOf(answer);
  }

  /** Bytes of a stored trace, or undefined where there is none. */
  async sizeOf(answer: string): Promise<number | undefined> {
    const found = await stat(this.fileOf(answer)).catch(() => undefined);
    return found?.size;
  }

  async delete(answers: string[]): Promise<void> {
    await Promise.all(answers.map((answer) => rm(this.fileOf(answer), { force: true })));
  }

  private async prune(kept: number): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(ending));
    const dated = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.folder, name);
        return { file, at: (await stat(file)).mtimeMs };
      }),
    );
    dated.sort((a, b) => b.at - a.at);
    await Promise.all(dated.slice(kept).map(({ file }) => rm(file, { force: true })));
  }
}
