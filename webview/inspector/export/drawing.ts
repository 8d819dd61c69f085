/** A figure in pixels: pictures on one sheet, each at its place. */
import type { SetWord } from "../scene/flowPicture";
import type { Box, Picture, Shape } from "../scene/picture";
import type { Size } from "../scene/scene";

/** A picture, and where it is of a text, the words in sight. */
export interface Piece {
  picture: Picture;
  words: SetWord[];
}

export interface Placed extends Piece {
  x: number;
  y: number;
}

export interface Drawing {
  size: Size;
  pieces: Placed[];
  /** What it shows and of which run, for those who do not see it. */
  title: string;
  description: string;
}

/** Words or swatches alone, of that height. */
export function pieceOf(size: Size, part: Partial<Picture>): Piece {
  const { cells = [], bars = [], groups = [] } = part;
  return { picture: { size, plots: [], cells, bars, groups }, words: [] };
}

/** Below the baseline, what letters reach down. */
const descent = 4;

/** The height that a picture takes up, which may be less than it was given. */
export function usedHeight({ picture, words }: Piece): number {
  const boxes: Box[] = [
    ...picture.plots.map(({ box }) => box),
    ...picture.cells.map(({ within }) => within),
    ...picture.bars.flatMap(({ rects }) => rects),
  ];
  const shapes = picture.groups.flatMap((group) => group.shapes);
  const floors = [
    ...boxes.map(({ y, height }) => y + height),
    ...shapes.map(floorOf),
    ...words.map(({ y }) => y + descent),
  ];
  return floors.reduce((lowest, floor) => Math.max(lowest, floor), 0);
}

/** Paths lie within their plots. */
function floorOf(shape: Shape): number {
  switch (shape.tag) {
    case "rect":
      return shape.y + shape.height;
    case "line":
      return Math.max(shape.y1, shape.y2);
    case "text":
      return shape.y + descent;
    case "path":
      return 0;
    default:
      return shape satisfies never;
  }
}
