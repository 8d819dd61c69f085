/** The words in the status bar, and what its tooltip says of the model and the cache. */
import assert from "node:assert/strict";
import { beforeEach, type TestContext, test } from "node:test";
import { StatusBar } from "../../src/extension/statusBar";
import type { ChatState } from "../../src/shared/chat/chatState";
import { chatState, states } from "../support/chatStates";
import { openWindow, statusBarItems } from "../support/fakeVscode";
import { tinyModelInfo } from "../support/tinyModelInfo";

beforeEach(openWindow);

function shown(t: TestContext, ...states: ChatState[]) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bar = new StatusBar();
  for (const state of states) bar.follow(state);
  const [item] = statusBarItems;
  assert.equal(item.text, "", "nothing before a quarter of a second has gone by");
  t.mock.timers.tick(250);
  bar.dispose();
  return { ...item, tooltip: item.tooltip?.value ?? "" };
}

const info = {
  ...tinyModelInfo,
  name: "Pocket Reasoner",
  dtype: "int4",
  device: "webgpu" as const,
};

test("before a model is loaded there are policy and budget, and a click picks another budget", (t) => {
  const { text, command, tooltip } = shown(t, states.empty());
  assert.equal(text, "R-KV 96");
  assert.equal(command, "rkv.setBudget");
  assert.match(tooltip, /^pocket\\-reasoner, not loaded/);
});

test("a loaded model's device stands beside them, and a model that loads turns", (t) => {
  const ready = shown(t, chatState([], { engine: { kind: "ready", info } }));
  assert.equal(ready.text, "R-KV 96 · WebGPU");
  assert.match(ready.tooltip, /^Pocket Reasoner \\\(int4\\\) on WebGPU/);
  openWindow();
  t.mock.timers.reset();
  const loading = { kind: "loading" as const, model: "m", stage: "session" };
  assert.equal(shown(t, chatState([], { engine: loading })).text, "$(loading~spin) R-KV 96");
});

test("the tooltip says what the cache of the last answer holds, and leads on", (t) => {
  const { tooltip } = shown(t, states.answered());
  for (const words of [
    "Cache: 118 of 730 tokens",
    "1\\.4 MB of 9\\.0 MB, 16 %",
    "9 compactions, 612 evicted",
    "41 tokens/s",
    "[Budget](command:rkv.setBudget)",
    "[Inspector](command:rkv.openInspector)",
  ])
    assert.ok(tooltip.includes(words), `${words} in ${tooltip}`);
});

test("an engine that failed says why, and no word of it is a link", (t) => {
  const message = "The engine was stopped [here](command:workbench.action.quit).";
  const engine = { kind: "failed" as const, model: "m", message };
  const { tooltip } = shown(t, chatState([], { engine }));
  assert.ok(tooltip.startsWith("The engine was stopped \\[here\\]\\("), tooltip);
});

test("of states that come with every token only the newest is shown", (t) => {
  const full = chatState([], { cache: { ...states.empty().cache, budget: { kind: "full" } } });
  assert.equal(shown(t, states.running(), states.empty(), full).text, "R-KV Full");
});
