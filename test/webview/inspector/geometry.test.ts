/** Where things go: labels that don't collide, layouts that fit, tables that export whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitting, spread } from "../../../webview/inspector/scene/labels";
import { fittingTabs, layoutFor, layouts, tabbed } from "../../../webview/inspector/page/layout";
import { placesOf } from "../../../webview/inspector/scene/grid";
import type { Plot, Scene } from "../../../webview/inspector/scene/scene";
import { stepLabels } from "../../../webview/inspector/scene/stepLabels";
import { csv } from "../../../webview/inspector/scene/table";
import { viewNames } from "../../../webview/inspector/views";
import { finished } from "../../support/inspector/finished";

const label = fc.record({
  text: fc.string(),
  at: fc.double({ min: 0, max: 500, noNaN: true }),
  width: fc.double({ min: 1, max: 120, noNaN: true }),
});

test("labels that are placed neither overlap nor leave the picture, and the first always has room", () => {
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 20 }), (labels) => {
      const placed = fitting(labels, 500);
      assert.equal(placed[0].text, labels[0].text);
      placed.forEach((a, index) => {
        assert.ok(a.at - a.width / 2 >= -1e-9 && a.at + a.width / 2 <= 500 + 1e-9);
        for (const b of placed.slice(index + 1))
          assert.ok(Math.abs(a.at - b.at) >= (a.width + b.width) / 2);
      });
    }),
  );
});

const stepsOf = (count: number, width: number) =>
  Array.from({ length: count }, (_, index) => ({
    index,
    kind: index === 0 ? ("prompt" as const) : ("thinking" as const),
    left: (index * width) / count,
    right: ((index + 1) * width) / count,
  }));
const said = (count: number, width: number) =>
  stepLabels(stepsOf(count, width), width)
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(" ");

test("steps are named while there is room, then numbered, and of many the round ones", () => {
  assert.equal(said(4, 400), "Prompt Step 1 Step 2 Step 3");
  assert.equal(said(8, 320), "Prompt 1 2 3 4 5 6 7");
  assert.equal(said(52, 500), "Prompt 5 10 15 20 25 30 35 40 45 50");
});

test("where a few steps have most of an axis, those are named", () => {
  const ends = [0, 2, 3, 5, 6, 8, 9, 10, 12, 13, 14, 60, 61, 110, 160];
  const steps = ends.slice(1).map((right, index) => {
    return { index: index + 1, kind: "thinking" as const, left: ends[index], right };
  });
  const named = stepLabels(steps, 160).map(({ text }) => text);
  assert.deepEqual(named.slice(0, 3).sort(), ["11", "13", "14"]);
});

const plot = (): Plot => ({
  x: { domain: [0, 1] },
  y: { domain: [0, 1] },
  isSquare: true,
  above: [{ name: "title", words: [{ at: "start", text: "L1" }] }],
});

test("tiles are squares of one size, and no other number of columns makes them larger", () => {
  for (const [count, width, height] of [
    [28, 1200, 400],
    [28, 300, 700],
    [3, 500, 500],
    [1, 200, 90],
  ]) {
    const plots = Array.from({ length: count }, plot);
    const scene: Scene = { sentence: "", plots, isTiled: true, table };
    const boxes = placesOf(scene, { width, height }).map(({ box }) => box);
    const [{ width: side }] = boxes;
    for (const box of boxes) {
      assert.ok(Math.abs(box.width - side) < 1e-6 && Math.abs(box.height - side) < 1e-6);
      assert.ok(box.x + side <= width && box.y + side <= height);
    }
    for (let columns = 1; columns <= count; columns++) {
      const placed = plots.map((one, index) => {
        return { ...one, place: { column: index % columns, row: Math.floor(index / columns) } };
      });
      const rows = Array.from({ length: Math.ceil(count / columns) }, () => 1);
      const grid = { ...scene, isTiled: false, plots: placed, rows };
      const other = placesOf(
        { ...grid, columns: Array.from({ length: columns }, () => 1) },
        { width, height },
      );
      assert.ok(other[0].box.width <= side + 1e-6, `${count} in ${columns} columns`);
    }
  }
});

const table = () => ({ columns: [], rows: [] });

test("heights are spread apart, in their order", () => {
  assert.deepEqual(spread([100, 98, 40], 13, 100), [100, 87, 40]);
  assert.deepEqual(spread([0, 2, 4], 13, 100), [0, 13, 26]);
});

test("every view has a place at every width", () => {
  for (const width of [0, 320, 480, 700, 1100, 1600, 4000]) {
    const layout = layoutFor(width);
    const shown = new Set([...layout.areas.flat(), ...tabbed(layout, viewNames)]);
    assert.deepEqual([...shown].sort(), [...viewNames].sort());
  }
});

test("every place of an arrangement is a rectangle, and there are as many shares as tracks", () => {
  for (const { areas, columns, rows } of layouts) {
    assert.equal(areas.length, rows.length);
    for (const row of areas) assert.equal(row.length, columns.length);
    for (const view of new Set(areas.flat())) {
      const cells = areas.flatMap((row, y) =>
        row.flatMap((name, x) => (name === view ? [{ x, y }] : [])),
      );
      const [across, down] = (["x", "y"] as const).map(
        (way) => new Set(cells.map((cell) => cell[way])),
      );
      assert.equal(cells.length, across.size * down.size, view);
      const [left, right] = [Math.min(...across), Math.max(...across)];
      assert.equal(right - left + 1, across.size, view);
    }
  }
});

test("as many tabs are shown as have room beside the menu, and all of them where they do", () => {
  const widths = [50, 80, 70, 90];
  assert.equal(fittingTabs(widths, 290, 60), 4);
  assert.equal(fittingTabs(widths, 289, 60), 3);
  assert.equal(fittingTabs(widths, 259, 60), 2);
  assert.equal(fittingTabs(widths, 0, 60), 0);
});

test("a table is exported whole, and a cell without a number is empty", () => {
  const rows = Array.from({ length: 900 }, (_, index) => [index, NaN, 'a "b", c']);
  const lines = finished(csv({ columns: ["n", "share", "token"], rows }))
    .trimEnd()
    .split("\n");
  assert.equal(lines.length, 901);
  assert.equal(lines[900], '899,,"a ""b"", c"');
});
