import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ProgressWatchdog } from "../../../src/client/engine/progressWatchdog";

function watched(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const stalls: number[] = [];
  const watchdog = new ProgressWatchdog(60_000, (millis) => stalls.push(millis));
  /** Seconds go by, and this is all that is told in them. */
  const tell = (seconds: number, ...expected: number[]): void => {
    stalls.length = 0;
    for (let second = 0; second < seconds; second++) t.mock.timers.tick(1_000);
    assert.deepEqual(stalls, expected);
  };
  return { watchdog, tell };
}

test("work without progress has its time, then five seconds more, and is told of once", (t) => {
  const { tell } = watched(t);
  tell(64);
  tell(1, 65_000);
  tell(300);
});

test("each piece of progress starts the time anew, also in the second wait", (t) => {
  const { watchdog, tell } = watched(t);
  for (const seconds of [59, 1, 62]) {
    tell(seconds);
    watchdog.progress();
  }
  tell(64);
  tell(1, 65_000);
});

test("after quick tokens silence is borne for 30 seconds, after slow ones for 20 of them", (t) => {
  const { watchdog, tell } = watched(t);
  watchdog.tokens(1);
  tell(34);
  watchdog.tokens(17); // 2 s each.
  for (let token = 0; token < 3; token++) {
    tell(2);
    watchdog.tokens(1);
  }
  tell(44);
  tell(1, 45_000);
});

test("a report of several tokens tells of the time of each", (t) => {
  const { watchdog, tell } = watched(t);
  tell(40);
  watchdog.tokens(4);
  tell(204);
  tell(1, 205_000);
});

test("a prompt that is read after tokens has the time of the first one again", (t) => {
  const { watchdog, tell } = watched(t);
  watchdog.tokens(1);
  watchdog.progress();
  tell(64);
  tell(1, 65_000);
});

const quick = (count: number): number[] => Array.from({ length: count }, () => 0);
const slow = Array.from({ length: 40 }, () => 10);
const slower = Array.from({ length: 40 }, (_, report) => report + 2);

/** Seconds before each report of a token, and the seconds that are waited for the next one. */
const medians: Record<string, [before: number[], wait: number]> = {
  "17 quick ones of 32": [[...slow, ...quick(17)], 30],
  "16 quick ones of 32": [[...slow, ...quick(16)], 200],
  "ever slower ones, of which the oldest count no more": [slower, 20 * 26],
  "ever quicker ones": [slower.toReversed(), 20 * 18],
};

for (const [name, [before, wait]] of Object.entries(medians))
  test(`the median counts the newest 32 reports: ${name}`, (t) => {
    const { watchdog, tell } = watched(t);
    for (const seconds of before) {
      tell(seconds);
      watchdog.tokens(1);
    }
    tell(wait + 4);
    tell(1, (wait + 5) * 1_000);
  });

test("one that is no longer needed tells nothing, not even in its second wait", (t) => {
  const { watchdog, tell } = watched(t);
  tell(61);
  watchdog.dispose();
  tell(300);
});
