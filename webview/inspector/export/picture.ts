import { type Images, paint } from "./paint";

const properties = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "text-decoration",
];

export interface Picture {
  width: number;
  height: number;
  sheet: SVGElement;
  images: Images;
}

/** A view as one SVG: cells as an image, marks and words as vectors with their styles written in. */
export function pictureOf(root: HTMLElement): Picture {
  const { width, height } = root.getBoundingClientRect();
  const sheet = svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  const background = getComputedStyle(document.body).getPropertyValue("--vscode-editor-background");
  sheet.append(svgElement("rect", { width, height, fill: background.trim() || "#ffffff" }));
  const images = new Map<Element, HTMLCanvasElement>();
  for (const canvas of root.querySelectorAll("canvas")) images.set(image(canvas, root), canvas);
  sheet.append(...images.keys());
  for (const drawing of root.querySelectorAll("svg:not(.icon)")) sheet.append(...styled(drawing));
  if (!root.querySelector("canvas")) sheet.append(...textRuns(root));
  return { width, height, sheet, images };
}

export function svg({ sheet }: Picture): string {
  return new XMLSerializer().serializeToString(sheet);
}

/** Loads nothing that stands in it: a page's policy would have to let the drawing's images in. */
const inert = document.implementation.createHTMLDocument();

function svgElement(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = inert.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function image(canvas: HTMLCanvasElement, root: HTMLElement): SVGElement {
  const [box, frame] = [canvas.getBoundingClientRect(), root.getBoundingClientRect()];
  return svgElement("image", {
    x: box.x - frame.x,
    y: box.y - frame.y,
    width: box.width,
    height: box.height,
    href: canvas.toDataURL("image/png"),
  });
}

function styled(drawing: Element): Node[] {
  const copy = drawing.cloneNode(true) as Element;
  const originals = drawing.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, index) => {
    const style = getComputedStyle(originals[index]);
    for (const name of properties) {
      const value = style.getPropertyValue(name);
      if (value && value !== "none 0px") node.setAttribute(name, value);
    }
    node.removeAttribute("class");
  });
  return [...copy.childNodes];
}

/** Words of HTML, each where it stands, over the box that it is shaded by. */
function textRuns(root: HTMLElement): SVGElement[] {
  const frame = root.getBoundingClientRect();
  const runs = [...root.querySelectorAll<HTMLElement>("[data-position], .step-name span")];
  return runs.flatMap((run) => {
    const box = run.getBoundingClientRect();
    if (box.bottom < frame.top || box.top > frame.bottom || !run.textContent) return [];
    const style = getComputedStyle(run);
    const [x, y] = [box.x - frame.x, box.y - frame.y];
    const words = svgElement("text", {
      x: x + Number.parseFloat(style.paddingLeft),
      y: y + box.height * 0.74,
      fill: style.color,
      "font-family": style.fontFamily,
      "font-size": style.fontSize,
      "text-decoration": style.textDecorationLine,
    });
    words.textContent = run.textContent;
    const plate = {
      x,
      y,
      width: box.width,
      height: box.height,
      rx: 2,
      fill: style.backgroundColor,
    };
    return [svgElement("rect", plate), words];
  });
}

/** The picture as PNG, at twice its size. */
export async function png({ sheet, images, width, height }: Picture): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.ceil(width * 2), Math.ceil(height * 2));
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas to paint on: save the drawing as SVG.");
  pen.scale(2, 2);
  paint(pen, sheet, images);
  return canvas.convertToBlob({ type: "image/png" });
}
