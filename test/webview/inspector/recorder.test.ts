/** What was made of something is made anew when, and only when, what it read has changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { recordedState } from "../../../webview/inspector/state/data";
import { Recorder } from "../../../webview/inspector/state/recorder";
import { initialState, type State } from "../../../webview/inspector/state/state";
import { sampleRun } from "../../support/inspector/sampleRun";

function started() {
  const { run } = sampleRun({ tokens: 9, layers: 1, kvHeads: 1, every: 4, budget: 2 }, () => 0.5);
  let current = initialState(run, true);
  const recorder = new Recorder();
  return {
    run,
    recorder,
    state: recordedState(() => current, recorder),
    change: (to: Partial<State>) => (current = { ...current, ...to }),
  };
}

test("a scene is made anew for what it read, and for nothing else", () => {
  const { recorder, state, change } = started();
  const look = (): object => recorder.derive("scene", () => ({ layer: state.layer }));
  const first = look();
  change({ selected: 3 });
  assert.equal(look(), first);
  change({ layer: 1 });
  assert.deepEqual(look(), { layer: 1 });
});

test("a part stays the same while others change, and what a part reads the whole reads too", () => {
  const { recorder, state, change } = started();
  const part = () => recorder.derive("part", () => ({ layer: state.layer }));
  const whole = () => recorder.derive("whole", () => ({ part: part(), at: state.tokens }));
  const first = whole();
  change({ tokens: 5 });
  const second = whole();
  assert.notEqual(second, first);
  assert.equal(second.part, first.part);
  change({ layer: 1 });
  assert.deepEqual(whole().part, { layer: 1 });
});

test("a run that has grown is another one, although it is the same object", () => {
  const { recorder, state, change, run } = started();
  let made = 0;
  const look = (): number => recorder.derive("scene", () => state.run.tokens + made++);
  assert.equal(look(), look());
  change({ version: run.version + 1 });
  look();
  assert.equal(made, 2);
});

test("what was not read the last time is not waited for any more", () => {
  const { recorder, state, change } = started();
  let made = 0;
  const look = (): void => {
    recorder.derive("scene", () => [made++, state.byHead && state.head]);
  };
  look();
  change({ byHead: true });
  look();
  change({ head: 1 });
  look();
  assert.equal(made, 3);
  change({ byHead: false });
  look();
  change({ head: 0 });
  look();
  assert.equal(made, 4);
});

test("only what asked for something that takes time is said to take time", () => {
  const { recorder } = started();
  recorder.derive("quick", () => recorder.read("state", () => 1));
  recorder.derive("slow", () => recorder.read("file", () => 2, true));
  recorder.derive("both", () => recorder.derive("slow", () => 3));
  const found = ["quick", "slow", "both", "unknown"].map((name) => recorder.tookTime(name));
  assert.deepEqual(found, [false, true, true, false]);
});
