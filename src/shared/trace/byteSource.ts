/** Where a trace's bytes come from: a file, a view's host, a page that holds them. */
export interface ByteSource {
  /** Bytes there are now; a live trace grows and never shrinks. */
  size(): Promise<number>;
  /** Bytes from offset on; fewer than asked for where the source ends. */
  read(offset: number, length: number): Promise<ArrayBuffer>;
}

const blockBytes = 512 * 1024;

/** Reads a source front to back in large blocks, whatever small pieces are asked of it. */
export class ByteWindow {
  private start = 0;
  private block = new Uint8Array();
  /** What was asked for ahead. */
  private next: { offset: number; bytes: Promise<ArrayBuffer> } | undefined;

  constructor(private readonly source: ByteSource) {}

  /** Exactly these bytes, or undefined where the source ends before. Valid until the next call. */
  async bytes(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (!this.covers(offset, length)) {
      const bytes = await this.read(offset, Math.max(length, blockBytes));
      this.start = offset;
      this.block = new Uint8Array(bytes);
    }
    return this.held(offset, length);
  }

  /** The same, if they are here already. */
  held(offset: number, length: number): Uint8Array | undefined {
    if (!this.covers(offset, length)) return undefined;
    return this.block.subarray(offset - this.start, offset - this.start + length);
  }

  /** Asks early for the block that begins there. */
  ahead(offset: number): void {
    const bytes = this.source.read(offset, blockBytes);
    bytes.catch(() => undefined); // Who asks for these bytes is told.
    this.next = { offset, bytes };
  }

  /** Forgets what it holds: past its end the source may have grown. */
  clear(): void {
    this.block = new Uint8Array();
    this.next = undefined;
  }

  private read(offset: number, length: number): Promise<ArrayBuffer> {
    const { next } = this;
    this.next = undefined;
    const isAhead = next?.offset === offset && length <= blockBytes;
    return isAhead ? next.bytes : this.source.read(offset, length);
  }

  private covers(offset: number, length: number): boolean {
    return offset >= this.start && offset + length <= this.start + this.block.length;
  }
}

/** A source whose bytes are all in memory. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return {
    size: () => Promise.resolve(bytes.length),
    read: (offset, length) =>
      Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)).buffer),
  };
}

/** What a file handle of Node can do, as far as it is needed here: this folder serves pages too. */
interface OpenFile {
  stat(): Promise<{ size: number }>;
  read(
    to: Uint8Array,
    at: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
}

/** A source that reads an open file; who opened it closes it. */
export function bytesOfFile(file: OpenFile): ByteSource {
  return {
    size: async () => (await file.stat()).size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await file.read(bytes, 0, length, offset);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
}
