/** Bytes of records and results that a page keeps; the newest is kept whatever its size. */
const mostBytes = 96 * 1024 * 1024;
/** What a value costs that is no typed array: an object of a few numbers, near enough. */
const bytesPerObject = 96;

interface Entry {
  value: unknown;
  bytes: number;
}

/** Results by name; the ones that were not looked at for longest make room. */
export class Kept {
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;

  get<T>(name: string): T | undefined {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    this.entries.delete(name);
    this.entries.set(name, entry);
    return entry.value as T;
  }

  set(name: string, value: unknown): void {
    this.drop(name);
    this.entries.set(name, { value, bytes: sizeOf(value) });
    this.bytes += this.entries.get(name)?.bytes ?? 0;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= mostBytes || oldest === name) break;
      this.drop(oldest);
    }
  }

  private drop(name: string): void {
    this.bytes -= this.entries.get(name)?.bytes ?? 0;
    this.entries.delete(name);
  }
}

function sizeOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== "object" || value === null) return bytesPerObject;
  if (Array.isArray(value))
    return ArrayBuffer.isView(value[0])
      ? value.reduce((sum: number, part) => sum + sizeOf(part), 0)
      : bytesPerObject * (1 + value.length);
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), bytesPerObject);
}
