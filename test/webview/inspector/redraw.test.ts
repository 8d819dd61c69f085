/** When what is drawn: at once, at rest, or now and then. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Random } from "../../../src/shared/random";
import { Redraw, type Drawn } from "../../../webview/inspector/page/redraw";
import { initialState, scrub, Store } from "../../../webview/inspector/state/state";
import { sampleRun } from "../../support/inspector/sampleRun";

const random = new Random(5);
const { run } = sampleRun({ tokens: 90, layers: 2, kvHeads: 1, every: 30, budget: 20 }, () =>
  random.next(),
);

/** Names of what was drawn since one last looked. */
function page(isReading: boolean, live = false) {
  let tell = (): void => undefined;
  const store = new Store(initialState(run, live), (call) => (tell = call));
  const drawn: string[] = [];
  const one = (name: string, takesTime: boolean): Drawn => {
    return { takesTime, draw: () => drawn.push(name) };
  };
  const all = [one("text", false), one("scores", true)];
  const redraw = new Redraw(
    store,
    () => all,
    () => isReading,
  );
  const seen = (): string[] => drawn.splice(0);
  return { store, redraw, frame: () => tell(), seen };
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("an answer is drawn at once where nothing moves", () => {
  const { redraw, seen } = page(false);
  redraw.arrived();
  assert.deepEqual(seen(), ["text", "scores"]);
});

test("while a file is read, answers are drawn now and then where they ask for more", () => {
  const { redraw, seen } = page(true);
  for (let answers = 0; answers < 5; answers++) redraw.arrived();
  assert.deepEqual(seen(), ["text", "text", "text", "text", "text"]);
  mock.timers.tick(10_000);
  assert.deepEqual(seen(), ["scores"]);
});

test("of a run that is written, answers are drawn at once", () => {
  const { redraw, seen } = page(true, true);
  redraw.arrived();
  assert.deepEqual(seen(), ["text", "scores"]);
});

test("a moment that is dragged draws what takes time when it rests", () => {
  const { store, frame, redraw, seen } = page(false);
  const move = (tokens: number): string[] => {
    scrub(store, tokens);
    frame();
    return seen();
  };
  assert.deepEqual(move(80), ["text", "scores"]);
  assert.deepEqual([70, 60, 50].flatMap(move), ["text", "text", "text"]);
  redraw.arrived();
  assert.deepEqual(seen(), ["text"]);
  mock.timers.tick(10_000);
  assert.deepEqual(seen(), ["scores"]);
});
