/** A trace on disk, read whole: its records in order, and what has to be said about the file. */
import { NotAFileError, openRegularFile } from "../../disk/regularFile";
import { type ByteSource, bytesOfFile } from "../../shared/trace/byteSource";
import { TraceReader } from "../../shared/trace/reader";

/** Runs `work` with a reader of the file, which is closed afterwards. */
export function withTrace<T>(name: string, work: (reader: TraceReader) => Promise<T>): Promise<T> {
  return withTraceBytes(name, async (bytes) => work(await TraceReader.open(bytes)));
}

/** Runs `work` with the file's bytes; the file is closed afterwards. */
export async function withTraceBytes<T>(
  name: string,
  work: (bytes: ByteSource) => Promise<T>,
): Promise<T> {
  const file = await openRegularFile(name).catch((error: unknown) => {
    if (error instanceof NotAFileError) throw error;
    throw new Error(`The trace ${name} cannot be opened; check its name and your access to it.`, {
      cause: error,
    });
  });
  try {
    return await work(bytesOfFile(file));
  } finally {
    await file.close();
  }
}
