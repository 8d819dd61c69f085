/** What is used of gifenc, which brings no types. */
declare module "gifenc" {
  export type Palette = [red: number, green: number, blue: number][];
  export function quantize(rgba: Uint8ClampedArray, colours: number): Palette;
  export function applyPalette(rgba: Uint8ClampedArray, palette: Palette): Uint8Array;
  export function GIFEncoder(): {
    writeFrame(
      pixels: Uint8Array,
      width: number,
      height: number,
      options: {
        /** Of the first frame; the others use it too. */
        palette?: Palette;
        /** Milliseconds. */
        delay: number;
        transparent: boolean;
        transparentIndex: number;
        /** 1 leaves the frame before in place. */
        dispose: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
}
