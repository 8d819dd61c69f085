/** An animated picture out of screenshots; a frame holds only what differs from the one before. */
import { applyPalette, GIFEncoder, quantize } from "gifenc";
import type { Browser, Page } from "playwright-core";

export interface Frame {
  png: Buffer;
  millis: number;
}

interface Pixels {
  rgba: Uint8ClampedArray;
  width: number;
  height: number;
}

const colours = 255;
/** One more than the palette has: a pixel that stays as it is. */
const unchanged = 255;

/** A page of the browser draws: it reads PNG, and scales better than a few lines of ours would. */
export async function encodeGif(
  browser: Browser,
  frames: Frame[],
  width: number,
): Promise<Uint8Array> {
  const page = await browser.newPage();
  const gif = GIFEncoder();
  const last = frames.at(-1);
  if (!last) throw new RangeError("A film without frames cannot be written.");
  const palette = quantize((await pixelsOf(page, last.png, width)).rgba, colours);
  while (palette.length <= unchanged) palette.push([0, 0, 0]);
  let before: Uint8Array | undefined;
  for (const { png, millis } of frames) {
    const { rgba, ...size } = await pixelsOf(page, png, width);
    const now = applyPalette(rgba, palette.slice(0, colours));
    const shown = now.map((colour, at) => (colour === before?.[at] ? unchanged : colour));
    const options = { delay: millis, transparent: true, transparentIndex: unchanged, dispose: 1 };
    gif.writeFrame(shown, size.width, size.height, {
      ...options,
      palette: before ? undefined : palette,
    });
    before = now;
  }
  gif.finish();
  return gif.bytes();
}

async function pixelsOf(page: Page, png: Buffer, width: number): Promise<Pixels> {
  const drawn = await page.evaluate<{ data: string; width: number; height: number }>(
    `(async () => {
      const address = "data:image/png;base64,${png.toString("base64")}";
      const image = await createImageBitmap(await (await fetch(address)).blob());
      const [width, height] = [${width}, Math.round((image.height * ${width}) / image.width)];
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.imageSmoothingQuality = "high";
      canvas.drawImage(image, 0, 0, width, height);
      const { data } = canvas.getImageData(0, 0, width, height);
      let text = "";
      for (let at = 0; at < data.length; at += 32768)
        text += String.fromCharCode(...data.subarray(at, at + 32768));
      return { data: btoa(text), width, height };
    })()`,
  );
  return { ...drawn, rgba: new Uint8ClampedArray(Buffer.from(drawn.data, "base64")) };
}
