import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { type Emit, onceASecond, Outbox } from "../../../src/engine/run/outbox";
import type { EngineEvents } from "../../../src/shared/wire/engineApi";

type Text = EngineEvents["text"];

function textOf(text: string, changed: Partial<Text> = {}): Text {
  return { run: "run", chain: 0, channel: "answer", text, tokens: 1, step: 1, ...changed };
}

/** A host that takes each event when it is let. */
class Reader {
  readonly texts: Text[] = [];
  private waiting: (() => void)[] = [];

  constructor(private readonly isSlow: boolean) {}

  readonly emit: Emit = (name, event) => {
    if (name === "text") this.texts.push(event as Text);
    return this.isSlow ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  };

  async take(): Promise<void> {
    this.waiting.splice(0).forEach((resolve) => resolve());
    await settled();
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Lets time pass only where a test says so. */
function clockFrom(start: number): { now: number } {
  const clock = { now: start };
  mock.method(performance, "now", () => clock.now);
  return clock;
}

test("within 16 ms, text of one chain leaves as one event", async (t) => {
  t.after(() => mock.restoreAll());
  const clock = clockFrom(1000);
  const reader = new Reader(false);
  const outbox = new Outbox(reader.emit);
  for (let step = 0; step < 64; step++) {
    for (const chain of [0, 1]) outbox.text(textOf(`${step} `, { chain }));
    outbox.pump();
    await settled();
    clock.now += 1;
  }
  await outbox.flush();
  for (const chain of [0, 1]) {
    const texts = reader.texts.filter((each) => each.chain === chain);
    assert.equal(texts.length, 5);
    const whole = Array.from({ length: 64 }, (_, step) => `${step} `).join("");
    assert.equal(texts.map(({ text }) => text).join(""), whole);
    assert.equal(
      texts.reduce((sum, { tokens }) => sum + tokens, 0),
      64,
    );
  }
});

test("a slow reader makes events longer, not more, and gets everything", async (t) => {
  t.after(() => mock.restoreAll());
  const clock = clockFrom(1000);
  const reader = new Reader(true);
  const outbox = new Outbox(reader.emit);
  for (let step = 0; step < 1000; step++) {
    outbox.text(textOf("x"));
    outbox.pump();
    clock.now += 20;
  }
  assert.deepEqual(
    reader.texts.map(({ text }) => text),
    ["x"],
  );
  const flushed = outbox.flush();
  await reader.take();
  await reader.take();
  await flushed;
  assert.deepEqual(
    reader.texts.map(({ text, tokens }) => [text.length, tokens]),
    [
      [1, 1],
      [999, 999],
    ],
  );
});

test("thinking and answer, and one reasoning step and the next, stay apart and in order", async () => {
  const reader = new Reader(false);
  const outbox = new Outbox(reader.emit);
  const spoken = [
    textOf("a", { channel: "thinking" }),
    textOf("b", { channel: "thinking", step: 2 }),
    textOf("c", { step: 3 }),
  ];
  for (const text of spoken) outbox.text(text);
  await outbox.flush();
  assert.deepEqual(reader.texts, spoken);
});

test("a sign of life is given once a second at most, and says how much was done", (t) => {
  t.after(() => mock.restoreAll());
  const clock = clockFrom(5000);
  const told: number[] = [];
  const isAlive = onceASecond((calls) => told.push(calls));
  for (let call = 0; call < 50; call++) {
    clock.now += 100;
    isAlive();
  }
  assert.deepEqual(told, [10, 20, 30, 40, 50]);
});
