/**
 * Writes one trace, append-only. Records queue up and go to disk together, so that a crash loses at
 * most a sixtieth of a second; a disk that fails ends the trace, never the run.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { FileLock } from "../../disk/fileLock";
import { openPrivate } from "../../disk/privateFiles";
import { openRegularFile } from "../../disk/regularFile";
import { WriteError } from "../../disk/writeError";
import { encodeHeader, encodeRecords } from "../../shared/trace/encode";
import { magic } from "../../shared/trace/format";
import type { TraceHeader, TraceRecord } from "../../shared/trace/records";

/** What of a file the writer needs; tests put a full disk in its place. */
export type TraceFile = Pick<FileHandle, "write" | "sync" | "close">;

const flushMillis = 16;

export class TraceWriter {
  /** Why the trace ends early; the run goes on without it. */
  error: WriteError | undefined;
  private queue: TraceRecord[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void>;

  /**
   * Begins a trace. A trace that lies there is replaced, any other file is left alone: then, and
   * where another writer holds the file or it cannot be made, it rejects with an Error to be shown.
   */
  static async create(name: string, header: TraceHeader): Promise<TraceWriter> {
    const lock = await lockOf(name);
    try {
      await removeOldTrace(name);
      return new TraceWriter(await openPrivate(name, "wx"), name, encodeHeader(header), lock);
    } catch (error) {
      await lock.release();
      throw cannotWrite(name, error);
    }
  }

  /**
   * Goes on with a trace that is whole up to `bytes`, and drops what follows (a torn record).
   * Rejects like `create`.
   */
  static async append(name: string, bytes: number): Promise<TraceWriter> {
    const lock = await lockOf(name);
    try {
      const file = await open(name, "r+");
      await file.truncate(bytes);
      return new TraceWriter(appending(file, bytes), name, new Uint8Array(), lock);
    } catch (error) {
      await lock.release();
      throw cannotWrite(name, error);
    }
  }

  constructor(
    private readonly file: TraceFile,
    private readonly name: string,
    head: Uint8Array,
    private readonly lock?: FileLock,
  ) {
    this.writing = this.writeAll(head);
  }

  /** Takes a record over: its columns must not change afterwards. */
  write(record: TraceRecord): void {
    if (this.error !== undefined) return;
    this.queue.push(record);
    this.timer ??= setTimeout(() => this.flush(), flushMillis);
  }

  /** Writes what is queued, makes it durable and lets go of the file. Never rejects. */
  async close(): Promise<void> {
    this.flush();
    await this.writing;
    await this.file.sync().catch((error: unknown) => this.fail(error));
    await this.file.close().catch((error: unknown) => this.fail(error));
    await this.lock?.release();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const records = this.queue;
    this.queue = [];
    if (records.length === 0) return;
    this.writing = this.writing.then(() => this.writeAll(encodeRecords(records)));
  }

  /** A full disk first takes a part of the bytes without any error. */
  private async writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length && this.error === undefined;) {
        const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done);
        if (bytesWritten === 0) throw new Error("the disk took no more bytes");
        done += bytesWritten;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.error ??= cannotWrite(this.name, error);
    this.queue = [];
  }
}

/** Rejects with an Error to be shown: another run holds the file, or nothing can be written there. */
async function lockOf(name: string): Promise<FileLock> {
  const lock = await FileLock.take(name).catch((error: unknown) => {
    throw cannotWrite(name, error);
  });
  if (lock) return lock;
  throw new Error(`Another run is writing ${name}; choose another file for this one.`);
}

function cannotWrite(name: string, error: unknown): WriteError {
  return new WriteError(`The trace ${name}`, error);
}

async function removeOldTrace(name: string): Promise<void> {
  const file = await openRegularFile(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return;
  const start = new Uint8Array(magic.length);
  await file.read(start, 0, start.length, 0).finally(() => file.close());
  if (start.some((byte, i) => byte !== magic[i]))
    throw new Error("a file lies there that is not a trace");
  await rm(name);
}

/** A file opened for reading and writing writes at its start; this one goes on at `from`. */
function appending(file: FileHandle, from: number): TraceFile {
  let end = from;
  const write = async (bytes: Uint8Array, offset: number, length: number) => {
    const result = await file.write(bytes, offset, length, end);
    end += result.bytesWritten;
    return result;
  };
  return {
    write: write as FileHandle["write"],
    sync: () => file.sync(),
    close: () => file.close(),
  };
}
