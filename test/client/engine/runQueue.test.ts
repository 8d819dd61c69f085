import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { RunQueue, unlessAborted } from "../../../src/client/engine/runQueue";

/** A run that ends when it is told to. */
function run(queue: RunQueue, name: string, told: string[]) {
  const abort = new AbortController();
  let end = (): void => undefined;
  const work = (): Promise<string> => {
    told.push(`${name} runs`);
    return new Promise((resolve) => (end = () => resolve(name)));
  };
  const ended = queue.run(work, abort.signal, () => told.push(`${name} waits`));
  ended.catch(() => undefined);
  return { ended, end: () => end(), abort: () => abort.abort(new Error(`${name} was stopped`)) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("runs come one after the other in the order they were asked for", async () => {
  const told: string[] = [];
  const queue = new RunQueue();
  const [first, second, third] = ["first", "second", "third"].map((name) => run(queue, name, told));
  assert.ok(first && second && third);
  await settled();
  assert.deepEqual(told, ["second waits", "third waits", "first runs"]);
  first.end();
  assert.equal(await first.ended, "first");
  await settled();
  second.end();
  await second.ended;
  await settled();
  assert.deepEqual(told.slice(3), ["second runs", "third runs"]);
});

test("one that is stopped while it waits never runs, and lets nobody pass the one before it", async () => {
  const told: string[] = [];
  const queue = new RunQueue();
  const [first, second, third] = ["first", "second", "third"].map((name) => run(queue, name, told));
  assert.ok(first && second && third);
  second.abort();
  await assert.rejects(second.ended, /second was stopped/);
  await settled();
  assert.ok(!told.includes("third runs"));
  first.end();
  await settled();
  assert.ok(told.includes("third runs"));
  assert.ok(!told.includes("second runs"));
});

test("who comes when all have ended waits for nobody, and the next one waits again", async () => {
  const told: string[] = [];
  const queue = new RunQueue();
  for (const name of ["first", "second"]) {
    const alone = run(queue, name, told);
    await settled();
    alone.end();
    await alone.ended;
  }
  const [third] = ["third", "fourth"].map((name) => run(queue, name, told));
  await settled();
  assert.deepEqual(told, ["first runs", "second runs", "fourth waits", "third runs"]);
  third.end();
});

test("a signal that lives on after the wait has nobody listening to it", async () => {
  const { signal } = new AbortController();
  await unlessAborted(Promise.resolve(), signal);
  await assert.rejects(unlessAborted(Promise.reject(new Error("no")), signal), /no/);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("one that fails does not keep the next from its turn", async () => {
  const queue = new RunQueue();
  const { signal } = new AbortController();
  const failing = queue.run(
    () => Promise.reject(new Error("no")),
    signal,
    () => undefined,
  );
  const next = queue.run(
    () => Promise.resolve("yes"),
    signal,
    () => undefined,
  );
  await assert.rejects(failing, /no/);
  assert.equal(await next, "yes");
});

test("one that was stopped before never begins, and its work's failure is nobody's surprise", async () => {
  const signal = AbortSignal.abort(new Error("stopped"));
  const never = (): never => assert.fail("it ran");
  await assert.rejects(new RunQueue().run(never, signal, never), /stopped/);
  await assert.rejects(unlessAborted(Promise.reject(new Error("late")), signal), /stopped/);
});
