/**
 * Paints an exported drawing on a canvas, element by element. The page's policy lets no image in,
 * not even one of its own making, so the drawing cannot be decoded as one.
 */

/** Canvases that stand as images in the drawing, by their image elements. */
export type Images = ReadonlyMap<Element, HTMLCanvasElement>;

type Pen = OffscreenCanvasRenderingContext2D;

export function paint(pen: Pen, drawing: Element, images: Images): void {
  for (const node of drawing.children) {
    pen.save();
    place(pen, node);
    paintOne(pen, node, images);
    pen.restore();
  }
}

function paintOne(pen: Pen, node: Element, images: Images): void {
  const source = images.get(node);
  if (source) return pen.drawImage(source, ...boxOf(node));
  pen.globalAlpha *= numberOf(node, "opacity", 1);
  switch (node.tagName) {
    case "g":
      return paint(pen, node, images);
    case "rect":
      return paintRect(pen, node);
    case "line":
      return paintPath(
        pen,
        node,
        new Path2D(
          `M${numberOf(node, "x1")},${numberOf(node, "y1")}L${numberOf(node, "x2")},${numberOf(node, "y2")}`,
        ),
      );
    case "path":
      return paintPath(pen, node, new Path2D(node.getAttribute("d") ?? ""));
    case "text":
      return paintText(pen, node);
  }
}

/** The one kind of transform that figures write: a shift, and perhaps a turn. */
function place(pen: Pen, node: Element): void {
  const transform = node.getAttribute("transform") ?? "";
  const [x = 0, y = 0] = (/translate\(([^)]*)\)/.exec(transform)?.[1] ?? "").split(",").map(Number);
  const degrees = Number(/rotate\(([^)]*)\)/.exec(transform)?.[1] ?? 0);
  pen.translate(x, y);
  pen.rotate((degrees * Math.PI) / 180);
}

function paintRect(pen: Pen, node: Element): void {
  const path = new Path2D();
  path.roundRect(...boxOf(node), numberOf(node, "rx"));
  paintPath(pen, node, path);
}

function paintPath(pen: Pen, node: Element, path: Path2D): void {
  if (usesPaint(pen, node, "fill")) pen.fill(path);
  if (!usesPaint(pen, node, "stroke")) return;
  pen.lineWidth = numberOf(node, "stroke-width", 1);
  const dashes = (node.getAttribute("stroke-dasharray") ?? "").match(/[\d.]+/g) ?? [];
  pen.setLineDash(dashes.map(Number));
  pen.stroke(path);
}

function paintText(pen: Pen, node: Element): void {
  const text = node.textContent;
  const size = numberOf(node, "font-size", 11);
  const family = node.getAttribute("font-family") ?? "sans-serif";
  pen.font = `${node.getAttribute("font-weight") ?? "normal"} ${size}px ${family}`;
  const { width } = pen.measureText(text);
  const anchor = node.getAttribute("text-anchor") ?? "start";
  const shift = anchor === "end" ? width : anchor === "middle" ? width / 2 : 0;
  const [x, y] = [numberOf(node, "x") - shift, numberOf(node, "y")];
  if (!usesPaint(pen, node, "fill")) return;
  pen.fillText(text, x, y);
  const isStruck = node.getAttribute("text-decoration")?.includes("line-through") === true;
  if (isStruck) pen.fillRect(x, y - size * 0.3, width, Math.max(1, size / 14));
}

/** Readies the pen for an element's fill or stroke; false where it has none. */
function usesPaint(pen: Pen, node: Element, kind: "fill" | "stroke"): boolean {
  const paint = node.getAttribute(kind) ?? (kind === "fill" ? "#000000" : "none");
  if (paint === "none") return false;
  pen.globalAlpha = numberOf(node, "opacity", 1) * numberOf(node, `${kind}-opacity`, 1);
  if (kind === "fill") pen.fillStyle = paint;
  else pen.strokeStyle = paint;
  return true;
}

function boxOf(node: Element): [x: number, y: number, width: number, height: number] {
  return [
    numberOf(node, "x"),
    numberOf(node, "y"),
    numberOf(node, "width"),
    numberOf(node, "height"),
  ];
}

function numberOf(node: Element, name: string, otherwise = 0): number {
  const value = Number.parseFloat(node.getAttribute(name) ?? "");
  return Number.isNaN(value) ? otherwise : value;
}
