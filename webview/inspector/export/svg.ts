/** A drawing as SVG: matrices as images, all else as vectors with their styles written in. */
import { forHtml } from "../../../src/shared/strangersText";
import { attributesOf } from "../scene/attributes";
import type { SetWord } from "../scene/flowPicture";
import { fills } from "../scene/looks";
import { faint, partings } from "../scene/partings";
import { fontSize, type PlacedBars, type PlacedCells, type Shape } from "../scene/picture";
import type { Cells } from "../scene/scene";
import type { Theme } from "../scene/theme";
import type { Drawing } from "./drawing";

type Attributes = Record<string, string | number | undefined>;

/** @param imageOf address of a matrix as an image, one pixel a cell */
export function svgOf(
  { picture, words }: Drawing,
  theme: Theme,
  imageOf: (cells: Cells) => string | undefined,
): string {
  const { width, height } = picture.size;
  const space = { xmlns: "http://www.w3.org/2000/svg", width, height };
  return tag(
    "svg",
    { ...space, viewBox: `0 0 ${width} ${height}` },
    tag("rect", { width, height, fill: theme.background }),
    ...picture.cells.flatMap((placed) => cellsSvg(placed, theme, imageOf(placed.cells))),
    ...picture.bars.flatMap((bars) => barsSvg(bars, theme)),
    ...picture.groups.map(({ shapes }) => tag("g", {}, ...shapes.map((s) => shapeSvg(s, theme)))),
    ...words.flatMap((word) => wordSvg(word, theme)),
  );
}

function tag(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${typeof value === "number" ? rounded(value) : forHtml(String(value))}"`,
    );
  const inside = children.join("");
  return inside
    ? `<${name}${written.join("")}>${inside}</${name}>`
    : `<${name}${written.join("")}/>`;
}

/** A thousandth of a pixel is enough. */
const rounded = (value: number): number => Number(value.toFixed(3));

function cellsSvg(placed: PlacedCells, theme: Theme, href: string | undefined): string[] {
  if (href === undefined) return [];
  const { box, within } = placed;
  const { width, height } = within;
  const image = tag("image", {
    x: box.x - within.x,
    y: box.y - within.y,
    width: box.width,
    height: box.height,
    preserveAspectRatio: "none",
    "image-rendering": "pixelated",
    href,
  });
  const lines = partings(placed).map((line) =>
    tag("rect", { ...line, x: line.x - within.x, y: line.y - within.y, fill: theme.background }),
  );
  return [tag("svg", { x: within.x, y: within.y, width, height }, image, ...lines)];
}

function barsSvg({ rects }: PlacedBars, theme: Theme): string[] {
  return rects.map(({ fill, isFaint, ...box }) =>
    tag("rect", { ...box, fill: fills[fill](theme), opacity: isFaint ? faint : undefined }),
  );
}

function shapeSvg(shape: Shape, theme: Theme): string {
  const children = shape.tag === "text" ? [forHtml(shape.text)] : [];
  return tag(shape.tag, attributesOf(shape, theme), ...children);
}

const tokenSize = 12;

function wordSvg({ x, y, width, text, ...word }: SetWord, theme: Theme): string[] {
  const plate = word.plate;
  const box = { x, y: y - 13, width, height: 17, rx: 2, fill: plate };
  const said = tag(
    "text",
    {
      x: word.isName ? x : x + 2,
      y,
      fill: word.colour,
      "font-family": word.isName ? theme.font : theme.monospace,
      "font-size": word.isName ? fontSize : tokenSize,
      "text-decoration": word.isStruck ? "line-through" : undefined,
    },
    forHtml(text),
  );
  return plate === undefined ? [said] : [tag("rect", box), said];
}
