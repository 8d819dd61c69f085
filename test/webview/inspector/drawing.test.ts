/** An exported drawing is the scene, without any browser: well formed, every word and number in it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { drawingOf } from "../../../webview/inspector/export/drawing";
import { svgOf } from "../../../webview/inspector/export/svg";
import { themeOf } from "../../../webview/inspector/scene/theme";
import { views } from "../../../webview/inspector/views";
import { traces } from "../../support/inspector/sceneTraces";

const size = { width: 640, height: 320 };
const light = themeOf((name) => (name === "--vscode-editor-background" ? "#ffffff" : ""));
const image = "data:image/png;base64,AAAA";

describe("a drawing of the hostile trace", () => {
  const stage = traces.hostile();
  for (const [name, { view }] of Object.entries(views))
    test(name, async () => {
      const { state, data } = await stage;
      const drawing = drawingOf(await data.sceneOf(view, state, size), size, light);
      const svg = svgOf(drawing, light, () => image);
      assert.deepEqual(unclosed(svg), []);
      assert.doesNotMatch(
        svg,
        /<(?!\/?(?:svg|g|rect|line|path|text|image)[ >/])/,
        "other elements",
      );
      assert.doesNotMatch(svg, /<[^>]*(?:\son\w+=|NaN|undefined)/);
      const said = drawing.picture.groups.flatMap(({ shapes }) =>
        shapes.flatMap((shape) => (shape.tag === "text" ? [shape.text] : [])),
      );
      assert.equal(svg.match(/<text/g)?.length ?? 0, said.length + drawing.words.length);
      assert.ok(said.length + drawing.words.length > 0);
      const matrices = drawing.picture.cells.filter(({ cells }) => cells.columns > 0);
      assert.equal(svg.match(/<image/g)?.length ?? 0, matrices.length);
    });
});

/** Elements that are not closed, or closed by another's name. */
function unclosed(svg: string): string[] {
  const open: string[] = [];
  for (const [, end, name, alone] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (alone) continue;
    if (!end) open.push(name);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}
