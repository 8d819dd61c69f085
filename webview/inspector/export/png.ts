/**
 * A drawing as PNG, at twice its size. Painted element by element: the page's policy lets no image
 * in, not even one of its own making, so the drawing cannot be decoded as one.
 */
import { visibleText } from "../../../src/shared/strangersText";
import { attributesOf } from "../scene/attributes";
import type { SetWord } from "../scene/flowPicture";
import { paintBars, paintCells } from "../scene/paint";
import type { Shape } from "../scene/picture";
import type { Theme } from "../scene/theme";
import type { Drawing, Placed } from "./drawing";

type Pen = OffscreenCanvasRenderingContext2D;

export async function png({ size, pieces }: Drawing, theme: Theme): Promise<Blob> {
  const { width, height } = size;
  const canvas = new OffscreenCanvas(Math.ceil(width * 2), Math.ceil(height * 2));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas to paint on: save the drawing as SVG.");
  pen.scale(2, 2);
  pen.fillStyle = theme.background;
  pen.fillRect(0, 0, width, height);
  for (const piece of pieces) paintPiece(pen, piece, theme);
  return canvas.convertToBlob({ type: "image/png" });
}

function paintPiece(pen: Pen, { picture, words, x, y }: Placed, theme: Theme): void {
  pen.save();
  pen.translate(x, y);
  for (const cells of picture.cells) paintCells(pen, cells, theme);
  for (const bars of picture.bars) paintBars(pen, bars, theme);
  for (const { shapes } of picture.groups) for (const shape of shapes) paint(pen, shape, theme);
  for (const word of words) paintWord(pen, word, theme);
  pen.restore();
}

function paint(pen: Pen, shape: Shape, theme: Theme): void {
  const style = attributesOf(shape, theme);
  switch (shape.tag) {
    case "rect": {
      const path = new Path2D();
      path.rect(shape.x, shape.y, shape.width, shape.height);
      return paintPath(pen, path, style);
    }
    case "line": {
      const path = new Path2D();
      path.moveTo(shape.x1, shape.y1);
      path.lineTo(shape.x2, shape.y2);
      return paintPath(pen, path, style);
    }
    case "path":
      return paintPath(pen, new Path2D(shape.d), style);
    case "text": {
      pen.font = `${style["font-weight"] ?? "normal"} ${style["font-size"]}px ${style["font-family"]}`;
      pen.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
      pen.fillStyle = String(style.fill);
      return pen.fillText(visibleText(shape.text), shape.x, shape.y);
    }
    default:
      return shape satisfies never;
  }
}

function paintPath(pen: Pen, path: Path2D, style: ReturnType<typeof attributesOf>): void {
  pen.save();
  if (style.fill !== undefined && style.fill !== "none") {
    pen.globalAlpha = Number(style["fill-opacity"] ?? 1);
    pen.fillStyle = String(style.fill);
    pen.fill(path);
  }
  if (style.stroke !== undefined) {
    pen.globalAlpha = Number(style["stroke-opacity"] ?? 1);
    pen.strokeStyle = String(style.stroke);
    pen.lineWidth = Number(style["stroke-width"] ?? 1);
    const dashes = String(style["stroke-dasharray"] ?? "").match(/[\d.]+/g) ?? [];
    pen.setLineDash(dashes.map(Number));
    pen.stroke(path);
  }
  pen.restore();
}

function paintWord(pen: Pen, word: SetWord, theme: Theme): void {
  const { x, y, width, text, plate, colour, isName, isStruck, isSelected } = word;
  if (plate !== undefined) {
    pen.fillStyle = plate;
    pen.fill(plateOf(word));
  }
  if (isSelected) {
    pen.strokeStyle = theme.orange;
    pen.lineWidth = 2;
    pen.stroke(plateOf(word));
  }
  pen.fillStyle = colour;
  pen.font = isName ? `11px ${theme.font}` : `12px ${theme.monospace}`;
  pen.textAlign = "start";
  pen.fillText(text, isName ? x : x + 2, y);
  if (isStruck) pen.fillRect(x + 2, y - 4, width - 4, 1);
}

function plateOf({ x, y, width }: SetWord): Path2D {
  const path = new Path2D();
  path.roundRect(x, y - 13, width, 17, 2);
  return path;
}
