/** A matrix as a PNG, written without a browser: one rectangle of pixels a cell. */
import { pixelsOf } from "../scene/colours";
import type { PlacedCells } from "../scene/picture";
import type { Theme } from "../scene/theme";
import { base64 } from "./page";

/** Pixels of the image for one of the figure, at least: so a viewer that blurs blurs little. */
const sharpness = 3;
/** Pixels of the image along an axis, at most; a cell has one in any case. */
const mostPixels = 8_192;
const bytesPerPixel = 4;
/** Each line as the difference from the one above: those within a cell are alike. */
const filterUp = 2;

/** As an address that can stand in an SVG; undefined where the matrix is empty. */
export async function matrixAddress(
  placed: PlacedCells,
  theme: Theme,
): Promise<string | undefined> {
  const { columns, values } = placed.cells;
  if (columns === 0 || values.length < columns) return undefined;
  const png = await matrixPng(placed, theme);
  return `data:image/png;base64,${base64(png)}`;
}

async function matrixPng({ cells, box }: PlacedCells, theme: Theme): Promise<Uint8Array> {
  const { columns, values, scale } = cells;
  const lines = Math.floor(values.length / columns);
  const [across, down] = [timesFor(box.width, columns), timesFor(box.height, lines)];
  const colour = pixelsOf(scale, theme);
  const pixels = Uint32Array.from(values.subarray(0, lines * columns), colour);
  const [width, height] = [columns * across, lines * down];
  const raw = filtered(pixels, columns, across, down);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", await deflated(raw)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

const timesFor = (length: number, cells: number): number =>
  Math.max(1, Math.min(Math.ceil((sharpness * length) / cells), Math.floor(mostPixels / cells)));

/** Lines of pixels as PNG has them before they are compressed. */
function filtered(
  pixels: Uint32Array,
  columns: number,
  across: number,
  down: number,
): Uint8Array<ArrayBuffer> {
  const lines = pixels.length / columns;
  const stride = 1 + columns * across * bytesPerPixel;
  const raw = new Uint8Array(lines * down * stride);
  for (let line = 0; line < lines; line++) {
    const from = line * down * stride;
    for (let repeat = 0; repeat < down; repeat++) raw[from + repeat * stride] = filterUp;
    for (let column = 0; column < columns; column++) {
      const now = pixels[line * columns + column];
      const before = line === 0 ? 0 : pixels[(line - 1) * columns + column];
      const at = from + 1 + column * across * bytesPerPixel;
      for (let byte = 0; byte < across * bytesPerPixel; byte++) {
        const shift = 8 * (byte % bytesPerPixel);
        raw[at + byte] = ((now >>> shift) & 255) - ((before >>> shift) & 255);
      }
    }
  }
  return raw;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** CRC-32 as in PNG's own specification, annex D. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
