/** A trace on disk, read whole: its records in order, and what has to be said about the file. */
import { NotAFileError, openRegularFile } from "../../disk/regularFile";
import { bytesOfFile } from "../../shared/trace/byteSource";
import { TraceReader } from "../../shared/trace/reader";

/** Runs `work` with a reader of the file, which is closed afterwards. */
export async function withTrace<T>(
  name: string,
  work: (reader: TraceReader) => Promise<T>,
): Promise<T> {
  const file = await openRegularFile(name).catch((error: unknown) => {
    if (error instanceof NotAFileError) throw error;
    throw new Error(`The trace ${name} cannot be opened; check its name and your access to it.`, {
      cause: error,
    });
  });
  try {
    return await work(await TraceReader.open(bytesOfFile(file)));
  } finally {
    await file.close();
  }
}
