/** A figure is the scene, without any browser: well formed, titled, captioned, readable, and true. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { csvCell } from "../../../src/shared/strangersText";
import { bytesInMemory } from "../../../src/shared/trace/byteSource";
import { drawingOf } from "../../../webview/inspector/export/compose";
import type { Drawing, Placed } from "../../../webview/inspector/export/drawing";
import { subjectOf as fromTrace } from "../../../webview/inspector/export/fromTrace";
import { numbersOf } from "../../../webview/inspector/export/numbers";
import { night, paper, paperWidths } from "../../../webview/inspector/export/paper";
import { svgOf } from "../../../webview/inspector/export/svg";
import type { Subject } from "../../../webview/inspector/export/viewPieces";
import { pixelsOf } from "../../../webview/inspector/scene/colours";
import { wordWidth } from "../../../webview/inspector/scene/labels";
import { viewNames, views, type ViewName } from "../../../webview/inspector/views";
import { craftedTraces } from "../../support/inspector/craftedTraces";
import { pngPixels } from "../../support/inspector/pngPixels";
import { traces, type TraceName } from "../../support/inspector/sceneTraces";

const staged: Partial<Record<TraceName, Promise<Subject>>> = {};

function subjectOf(name: TraceName): Promise<Subject> {
  staged[name] ??= traces[name]().then(({ state, data }) => ({
    state,
    data,
    trace: `${name}.rkvtrace`,
  }));
  return staged[name];
}

/** The run that has something to show in each view. */
const traceFor = (view: ViewName): TraceName => (view === "chains" ? "voted" : "small");

const wishOf = (view: ViewName, width: number) => ({ views: [view], columns: 1 as const, width });

describe("a figure of a small trace", () => {
  for (const [name, width] of Object.entries(paperWidths))
    for (const view of viewNames)
      test(`${view}, as wide as a ${name}`, async () => {
        const subject = await subjectOf(traceFor(view));
        const drawing = await drawingOf(wishOf(view, width), subject, paper);
        const svg = await svgOf(drawing, paper);
        assertWellFormed(svg);
        assert.ok(svg.includes(`>${views[view].title}`), "title");
        const { sentence } = await subject.data.sceneOf(views[view].view, subject.state, size);
        const said = words(drawing).join(" ");
        assert.ok(letters(said).includes(letters(sentence)), `“${sentence}” is in “${said}”`);
        for (const part of ["R-KV", "budget", "buffer", "λ", "window", subject.trace])
          assert.ok(said.includes(part), part);
        assert.deepEqual(overlaps(drawing), []);
        assertPainted(drawing, svg);
      });

  test("has a key to every matrix and to the shades of a text", async () => {
    for (const view of viewNames) {
      const subject = await subjectOf(traceFor(view));
      const { pieces } = await drawingOf(wishOf(view, 640), subject, paper);
      const own = pieces.flatMap(({ picture }) =>
        picture.plots.flatMap((it) => it.plot.cells ?? []),
      );
      const all = pieces.flatMap(({ picture }) => picture.cells);
      const isText = pieces.some(({ words: set }) => set.length > 0);
      if (own.length > 0 || isText) assert.ok(all.length > own.length, view);
    }
  });

  test("of several views has them side by side, each with its letter", async () => {
    const subject = await subjectOf("small");
    const wish = { views: ["text", "map", "why"] as const, columns: 2 as const, width: 661 };
    const drawing = await drawingOf(wish, subject, night);
    const said = words(drawing);
    const titles = wish.views.map((view, index) => `(${"abc"[index]}) ${views[view].title}`);
    for (const title of titles)
      assert.ok(
        said.some((text) => text.startsWith(title)),
        title,
      );
    assert.deepEqual(overlaps(drawing), []);
    const places = drawing.pieces.filter(({ picture }) => picture.plots.length > 0);
    assert.ok(places[0].x > 330 && places[1].x < 20, "the map at the right, why below the text");
    assertWellFormed(await svgOf(drawing, night));
  });

  test("of a text has the selected token in it, however far down that stands", async () => {
    const { state, ...subject } = await subjectOf("small");
    const selected = state.run.tokens - 3;
    const wish = { ...wishOf("text", 321), height: 120 };
    const { pieces } = await drawingOf(wish, { ...subject, state: { ...state, selected } }, paper);
    const chosen = pieces.flatMap((piece) => piece.words.filter(({ isSelected }) => isSelected));
    assert.deepEqual(
      chosen.map(({ text }) => text),
      [state.run.texts[selected].trim()],
    );
    assert.match(words({ pieces } as Drawing).join(" "), /tokens before/);
  });

  test("numbers are those of the view's table", async () => {
    for (const view of viewNames) {
      const subject = await subjectOf(traceFor(view));
      const scene = await subject.data.sceneOf(views[view].view, subject.state, size);
      const [{ text }] = await numbersOf(subject, view);
      const { rows, columns } = scene.table();
      const all = Array.from({ length: rows.length }, (_, index) => rows.at(index) ?? []);
      const lines = [columns, ...all].map((row) => row.map(csvCell).join(","));
      assert.equal(text, `${lines.join("\n")}\n`, view);
    }
  });
});

test("a figure of strangers' words has no markup of theirs, and no text over another", async () => {
  const subject = await subjectOf("hostile");
  const trace = `<img src=x onerror="x">‮.rkvtrace`;
  for (const view of viewNames) {
    const asked = drawingOf(wishOf(view, 640), { ...subject, trace }, paper);
    const drawing = await asked.catch((error: Error) => assert.match(error.message, /nothing to/));
    if (!drawing) continue;
    const svg = await svgOf(drawing, paper);
    assertWellFormed(svg);
    assert.doesNotMatch(svg, /‮/);
    assert.deepEqual(overlaps(drawing), [], view);
    assert.ok(drawing.size.height < 2_000, view);
  }
});

for (const name of ["20,000 steps of one token", "tokens of 60,000 characters"])
  test(`a figure of ${name} is no larger than a page holds`, async () => {
    const subject = await fromTrace(bytesInMemory(craftedTraces[name]), "crafted.rkvtrace", {});
    for (const view of ["text", "map"] as const) {
      const drawing = await drawingOf(wishOf(view, 661), subject, paper);
      assert.ok(drawing.size.height < 1_200, view);
      assert.ok((await svgOf(drawing, paper)).length < 1_000_000, view);
    }
  });

test("a view that has nothing to show says so in its own words", async () => {
  const subject = await subjectOf("empty");
  const asked = drawingOf(wishOf("map", 640), subject, paper);
  await assert.rejects(asked, /^Error: Retention has nothing to show: No tokens yet\.$/);
  await assert.rejects(numbersOf(subject, "map"), /Retention has nothing to show: No tokens yet\./);
});

const size = { width: 640, height: 320 };
const letters = (said: string): string => said.replace(/\s/g, "");

/** Every element is closed, known and free of what runs or is no number. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const known = /^(svg|g|rect|line|path|text|image|title|desc)$/;
  const markup = /<(\/?)([^\s/>]+)((?:\s[\w-]+="[^"<]*")*)(\/?)>/g;
  assert.equal(svg.match(/</g)?.length, [...svg.matchAll(markup)].length, "markup");
  assert.equal(svg.match(/&(?!#\d+;)/g), null, "entities");
  for (const [, end, name, attributes, alone] of svg.matchAll(markup)) {
    assert.match(name, known);
    assert.doesNotMatch(attributes, /\son|NaN|undefined|Infinity/);
    if (end) assert.equal(open.pop(), name);
    else if (!alone) open.push(name);
  }
  assert.deepEqual(open, []);
}

/** A text of a drawing, as wide as layout takes it to be. */
interface Said {
  text: string;
  left: number;
  right: number;
  y: number;
}

function saidIn({ picture, words: set, x, y }: Placed): Said[] {
  const shapes = picture.groups.flatMap((group) => group.shapes);
  const labels = shapes.flatMap((shape): Said[] => {
    if (shape.tag !== "text" || shape.text === "") return [];
    const width = wordWidth(shape.text, shape.look);
    const before = { start: 0, middle: width / 2, end: width }[shape.anchor];
    const left = x + shape.x - before;
    return [{ text: shape.text, left, right: left + width, y: y + shape.y }];
  });
  const tokens = set.map((word) => {
    return { text: word.text, left: x + word.x, right: x + word.x + word.width, y: y + word.y };
  });
  return [...labels, ...tokens];
}

const words = ({ pieces }: Drawing): string[] =>
  pieces.flatMap((piece) => saidIn(piece).map(({ text }) => text));

/** Texts that lie over others or beyond the sheet. */
function overlaps({ pieces, size: { width, height } }: Drawing): string[] {
  const said = pieces.flatMap(saidIn);
  const isOver = (a: Said, b: Said): boolean =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.abs(a.y - b.y) < 9;
  const isOut = ({ left, right, y }: Said): boolean =>
    left < 0 || right > width || y < 8 || y > height;
  return said.flatMap((one, index) => [
    ...(isOut(one) ? [`“${one.text}” is beyond the sheet`] : []),
    ...said
      .slice(index + 1)
      .filter((other) => isOver(one, other))
      .map((other) => `“${one.text}” over “${other.text}”`),
  ]);
}

/** Each matrix is an image of the colours of its numbers, each bar a rectangle. */
function assertPainted({ pieces }: Drawing, svg: string): void {
  const cells = pieces.flatMap(({ picture }) => picture.cells.map((placed) => placed.cells));
  const images = [...svg.matchAll(/href="data:image\/png;base64,([^"]*)"/g)];
  assert.equal(images.length, cells.length);
  cells.forEach(({ columns, values, scale }, index) => {
    const { width, height, pixels } = pngPixels(Buffer.from(images[index][1], "base64"));
    const [across, down] = [width / columns, (height * columns) / values.length];
    const colour = pixelsOf(scale, paper);
    const wrong = values.findIndex((value, cell) => {
      const [line, column] = [Math.floor(cell / columns), cell % columns];
      return pixels[line * down * width + column * across] !== colour(value);
    });
    assert.equal(wrong, -1, `cell ${wrong}`);
  });
  const bars = pieces.flatMap(({ picture }) => picture.bars.flatMap(({ rects }) => rects));
  assert.ok((svg.match(/<rect/g)?.length ?? 0) > bars.length);
}
