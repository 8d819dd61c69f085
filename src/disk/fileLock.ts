/**
 * A file beside a file, “X.lock”, naming the one process that writes it. Node has no lock that the
 * system itself lets go, and the packages for it judge a holder by its heartbeat alone, which an
 * engine that computes for minutes misses; or they remove a dead one's lock by name, so that of two
 * who see it dead both may win.
 *
 * Here nobody removes a dead holder's lock. Who finds it dead creates “X.lock.after-ID”, ID being
 * that lock's own, which only one can; looks whether “X.lock” is still that very lock; and renames
 * its file over it. A successor that dies on the way has a lock of its own to be succeeded.
 */
import { randomUUID } from "node:crypto";
import { constants, copyFile, link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { hasCode } from "./errorCode";
import { openPrivate } from "./privateFiles";
import { isAlive, processIdentitySchema, thisProcess } from "./processIdentity";
import { readBounded } from "./regularFile";

const beatMillis = 60_000;
/** A holder that cannot be looked up, say on another machine, counts as gone after this silence. */
const longestSilenceMillis = 10 * 60_000;
const longestClaim = 4_096;
const mostTries = 1_000;

const claimSchema = z.object({ id: z.uuid(), holder: processIdentitySchema });
type Claim = z.infer<typeof claimSchema>;

/** A lock file as it was found. */
interface Found {
  file: string;
  id: string;
  /** Absent where the file does not say: it is being written, or damaged. */
  holder?: Claim["holder"];
  /** Milliseconds since 1970. */
  beatAt: number;
}

export class FileLock {
  private readonly beat: NodeJS.Timeout;

  private constructor(
    private readonly name: string,
    private readonly id: string,
  ) {
    this.beat = setInterval(() => void noteBeat(name), beatMillis).unref();
  }

  /** Undefined where another holds it. Rejects where no lock can be written. */
  static async take(file: string): Promise<FileLock | undefined> {
    const name = `${file}.lock`;
    const id = randomUUID();
    const draft = `${name}.${id}.draft`;
    try {
      await writeDraft(draft, { id, holder: await thisProcess() });
      return (await isTaken(name, draft)) ? new FileLock(name, id) : undefined;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** Leaves a lock alone that has gone to another meanwhile. */
  async release(): Promise<void> {
    clearInterval(this.beat);
    if ((await find(this.name))?.id === this.id) await rm(this.name, { force: true });
  }
}

/** Removes the locks in a folder whose holders are gone; nobody might ever ask for their files. */
export async function pruneLocks(folder: string): Promise<void> {
  const names = await readdir(folder);
  await removeOldDrafts(folder, names);
  const locked = names.flatMap((name) => /^(.+)\.lock(?:\.after-[^.]+)?$/.exec(name)?.[1] ?? []);
  for (const name of new Set(locked)) {
    const lock = await FileLock.take(path.join(folder, name)).catch(() => undefined);
    if (!lock) continue;
    const successors = names.filter((each) => each.startsWith(`${name}.lock.after-`));
    await removeAll(successors.map((each) => path.join(folder, each)));
    await lock.release();
  }
}

/** Of those who were killed while they took a lock. */
async function removeOldDrafts(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!/\.lock\.[0-9a-f-]{36}\.draft$/.test(name)) continue;
    const found = await find(path.join(folder, name));
    if (found && isSilent(found)) await rm(found.file, { force: true });
  }
}

async function isTaken(name: string, draft: string): Promise<boolean> {
  for (let tries = 0; tries < mostTries; tries++) {
    if (await appeared(draft, name)) return true;
    const chain = await chainFrom(name);
    const last = chain.at(-1);
    if (last === undefined) continue; // It was let go a moment ago.
    if (!(await isAbandoned(last))) return false;
    if (await succeed(chain, draft)) return true;
  }
  throw new Error(`${name} can be neither read nor replaced; remove it.`);
}

/** The lock and those who were to succeed it; the last one's holder is the holder of the lock. */
async function chainFrom(name: string): Promise<Found[]> {
  const chain: Found[] = [];
  for (let file = name; ;) {
    const found = await find(file);
    if (!found) return chain;
    chain.push(found);
    file = successorOf(name, found);
  }
}

/** False where another was first, or where the lock is no longer the one that was found. */
async function succeed(chain: readonly Found[], draft: string): Promise<boolean> {
  const [first, ...others] = chain;
  const last = chain.at(-1);
  if (!first || !last) return false;
  const mine = successorOf(first.file, last);
  if (!(await appeared(draft, mine))) return false;
  // Who let go in the meantime removed the lock first and its predecessors' files later.
  const isSame = (await find(first.file))?.id === first.id;
  try {
    if (isSame) await rename(mine, first.file);
  } finally {
    await rm(mine, { force: true });
  }
  if (isSame) await removeAll(others.map(({ file }) => file));
  return isSame;
}

function successorOf(name: string, { id }: Found): string {
  return `${name}.after-${id}`;
}

async function isAbandoned({ holder, beatAt }: Found): Promise<boolean> {
  const alive = holder && (await isAlive(holder));
  return alive === undefined ? isSilent({ beatAt }) : !alive;
}

function isSilent({ beatAt }: Pick<Found, "beatAt">): boolean {
  return Date.now() - beatAt > longestSilenceMillis;
}

async function writeDraft(draft: string, claim: Claim): Promise<void> {
  const handle = await openPrivate(draft, "wx");
  await handle.writeFile(JSON.stringify(claim)).finally(() => handle.close());
}

/** Gives the draft a second name, if nothing has that yet: a file that is whole from the first. */
async function appeared(draft: string, file: string): Promise<boolean> {
  try {
    // A disk without hard links gets a copy, which others may find half written for a moment.
    await link(draft, file).catch((error: unknown) => {
      if (hasCode(error, "EEXIST")) throw error;
      return copyFile(draft, file, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function find(file: string): Promise<Found | undefined> {
  try {
    const { mtimeMs, ino } = await stat(file);
    const claim = parseClaim(await readBounded(file, longestClaim).catch(orMissing));
    return { file, id: `${ino}-${Math.round(mtimeMs)}`, beatAt: mtimeMs, ...claim };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** What cannot be read, say for its owner's account alone, still has its time. */
function orMissing(error: unknown): Buffer | undefined {
  if (hasCode(error, "ENOENT")) throw error;
  return undefined;
}

function parseClaim(content: Buffer | undefined): Claim | undefined {
  try {
    return claimSchema.parse(JSON.parse(String(content)));
  } catch {
    return undefined;
  }
}

async function noteBeat(name: string): Promise<void> {
  const now = new Date();
  await utimes(name, now, now).catch(() => undefined);
}

async function removeAll(files: readonly string[]): Promise<void> {
  for (const file of files) await rm(file, { force: true });
}
