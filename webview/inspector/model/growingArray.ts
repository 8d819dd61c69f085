type Numbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** A typed array that can be written past its end; what was never written is `blank`. */
export class GrowingArray<A extends Numbers> {
  length = 0;
  private view: A | undefined;

  constructor(
    private array: A,
    private readonly make: (length: number) => A,
    private readonly blank: number,
  ) {}

  /** A view on what was written; valid until the next write. */
  get values(): A {
    if (this.view?.buffer !== this.array.buffer || this.view.length !== this.length)
      this.view = this.array.subarray(0, this.length) as A;
    return this.view;
  }

  at(index: number): number {
    return index < this.length ? this.array[index] : this.blank;
  }

  set(index: number, value: number): void {
    this.reserve(index + 1);
    this.array[index] = value;
  }

  setAll(from: number, values: ArrayLike<number>): void {
    this.reserve(from + values.length);
    this.array.set(values, from);
  }

  /** Makes it at least so long; what was never written is blank. */
  reserve(length: number): void {
    if (length > this.array.length) {
      const larger = this.make(Math.max(length, this.array.length * 2));
      larger.fill(this.blank).set(this.array);
      this.array = larger;
    }
    this.length = Math.max(this.length, length);
  }
}

export const growingFloats = (blank = NaN) =>
  new GrowingArray(new Float32Array(), (length) => new Float32Array(length), blank);

export const growingIntegers = (blank = 0) =>
  new GrowingArray(new Uint32Array(), (length) => new Uint32Array(length), blank);
