import { inflateSync } from "node:zlib";

/** Pixels (little-endian ABGR) of a PNG of 8 bits a channel, RGBA, whose lines are filtered “up”. */
export function pngPixels(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const packed: Buffer[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const name = png.toString("latin1", at + 4, at + 8);
    if (name === "IDAT") packed.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(packed));
  const stride = 4 * width;
  const bytes = new Uint8Array(height * stride);
  for (let line = 0; line < height; line++)
    for (let byte = 0; byte < stride; byte++) {
      const above = line === 0 ? 0 : bytes[(line - 1) * stride + byte];
      bytes[line * stride + byte] = raw[line * (stride + 1) + 1 + byte] + above;
    }
  return { width, height, pixels: new Uint32Array(bytes.buffer) };
}
