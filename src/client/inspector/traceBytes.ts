/** Bytes of one trace, wherever it lies. Nothing here knows what they mean. */
import { stat } from "node:fs/promises";
import { openRegularFile, refuseOther } from "../../disk/regularFile";

export interface TraceBytes {
  size(): Promise<number>;
  /** At most `length` bytes from `offset` on; fewer at the end. */
  read(offset: number, length: number): Promise<ArrayBuffer>;
}

export function fileBytes(file: string): TraceBytes {
  return {
    size: async () => {
      const found = await stat(file);
      refuseOther(file, found);
      return found.size;
    },
    read: async (offset, length) => {
      const handle = await openRegularFile(file);
      try {
        const buffer = new ArrayBuffer(length);
        const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, length, offset);
        return buffer.slice(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

export function memoryBytes(bytes: Uint8Array<ArrayBuffer>): TraceBytes {
  return {
    size: () => Promise.resolve(bytes.byteLength),
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length).buffer),
  };
}
