/** IEEE 754 half precision, for keys on disk: a unit key loses at most 2⁻¹² of each component. */

const bits = new Uint32Array(1);
const single = new Float32Array(bits.buffer);

/** The half-precision bits of each value, rounded to nearest, ties to even; NaN stays NaN. */
export function toFloat16(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toHalf(values[i]);
  return halves;
}

function toHalf(value: number): number {
  single[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormalHalf(Math.abs(value));
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

/** Below 2⁻¹⁴ halves are multiples of 2⁻²⁴. */
function subnormalHalf(magnitude: number): number {
  const units = magnitude * 2 ** 24;
  const below = Math.floor(units);
  const rest = units - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
}

let singles: Float32Array | undefined;

/** The values of half-precision bits, exactly. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  putFloat16(halves, 0, halves.length, values, 0);
  return values;
}

/** The values of the bits [from, to), from a place of the result on. */
export function putFloat16(
  halves: Uint16Array,
  from: number,
  to: number,
  result: Float32Array,
  at: number,
): void {
  singles ??= Float32Array.from({ length: 65_536 }, (_, half) => fromHalf(half));
  for (let i = from; i < to; i++) result[at + i - from] = singles[halves[i]];
}

/** The value of one half-precision number's bits. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
