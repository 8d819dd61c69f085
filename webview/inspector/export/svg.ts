/** A drawing as SVG: matrices as images, all else as vectors and text with their styles written in. */
import { forHtml, visibleText } from "../../../src/shared/strangersText";
import { attributesOf } from "../scene/attributes";
import type { SetWord } from "../scene/flowPicture";
import { fills } from "../scene/looks";
import { faint, partings } from "../scene/partings";
import { fontSize, type PlacedBars, type PlacedCells, type Shape } from "../scene/picture";
import type { Theme } from "../scene/theme";
import type { Drawing, Placed } from "./drawing";
import { matrixAddress } from "./matrixImage";
import { millimetres } from "./paper";

type Attributes = Record<string, string | number | undefined>;

export async function svgOf(drawing: Drawing, theme: Theme): Promise<string> {
  const { size, pieces, title, description } = drawing;
  const { width } = size;
  const height = Math.ceil(size.height);
  const pictures = await Promise.all(pieces.map((piece) => pieceSvg(piece, theme)));
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width: millimetres(width),
    height: millimetres(height),
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
  };
  return `${tag(
    "svg",
    attributes,
    tag("title", {}, forHtml(visibleText(title))),
    tag("desc", {}, forHtml(visibleText(description))),
    tag("rect", { width, height, fill: theme.background }),
    ...pictures,
  )}\n`;
}

async function pieceSvg({ picture, words, x, y }: Placed, theme: Theme): Promise<string> {
  const images = await Promise.all(picture.cells.map((placed) => matrixAddress(placed, theme)));
  return tag(
    "g",
    { transform: `translate(${rounded(x)} ${rounded(y)})` },
    ...picture.cells.flatMap((placed, index) => cellsSvg(placed, theme, images[index])),
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
  const children = shape.tag === "text" ? [forHtml(visibleText(shape.text))] : [];
  return tag(shape.tag, attributesOf(shape, theme), ...children);
}

const tokenSize = 12;

function wordSvg(word: SetWord, theme: Theme): string[] {
  const { x, y, width, plate, isName, isSelected } = word;
  const box = { x, y: y - 13, width, height: 17, rx: 2 };
  const ring = { fill: "none", stroke: theme.orange, "stroke-width": 2 };
  return [
    ...(plate === undefined ? [] : [tag("rect", { ...box, fill: plate })]),
    ...(isSelected ? [tag("rect", { ...box, ...ring })] : []),
    tag(
      "text",
      {
        x: isName ? x : x + 2,
        y,
        fill: word.colour,
        "font-family": isName ? theme.font : theme.monospace,
        "font-size": isName ? fontSize : tokenSize,
        "text-decoration": word.isStruck ? "line-through" : undefined,
      },
      forHtml(visibleText(word.text)),
    ),
  ];
}
