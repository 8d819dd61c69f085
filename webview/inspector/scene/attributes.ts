import { looks } from "./looks";
import { fontSize, type Shape } from "./picture";
import type { Theme } from "./theme";

/** A shape as attributes of its element: what the page draws and what is exported. */
export function attributesOf(shape: Shape, theme: Theme): Record<string, string | number> {
  const style = looks[shape.look](theme);
  switch (shape.tag) {
    case "rect": {
      const { x, y, width, height } = shape;
      return { x, y, width, height, ...style };
    }
    case "line": {
      const { x1, y1, x2, y2 } = shape;
      return { x1, y1, x2, y2, ...style };
    }
    case "path":
      return { d: shape.d, ...style };
    case "text": {
      const { x, y, anchor } = shape;
      const font = { "font-family": theme.font, "font-size": fontSize };
      return { x, y, "text-anchor": anchor, ...font, ...style };
    }
    default:
      return shape satisfies never;
  }
}
