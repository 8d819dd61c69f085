/** T17: more eviction events than any engine makes, told to the page while they are written. */
import assert from "node:assert/strict";
import { cannotStartBrowser } from "../support/browser";
import { watchLive } from "../support/liveRun";
import type { Attack } from "./attack";
import { spread } from "./figures";

const tokensPerSecond = 500;
const shape = { layers: 36, kvHeads: 8, headDim: 32, budget: 256 };
const tokensPerCompaction = 128;
const mostMessages = 60;
const mostDelayMillis = 20;
/** In a shorter run, whatever else the machine does at the moment weighs too much. */
const fewestTellingSeconds = 10;

export const eventLoad: Attack = {
  id: "T17",
  what: `${tokensPerSecond} tokens/s × ${shape.layers} layers × ${shape.kvHeads} heads of evictions in the inspector`,
  goal: "nothing lost, at most 60 messages/s to the page and none to a hidden one, host's event loop p99 at most 20 ms late",
  short: 7,
  long: 30,
  absent: () => cannotStartBrowser() || undefined,
  /** `times` is in seconds of the run. */
  run: async (times, chance) => {
    const tokens = times * tokensPerSecond;
    const compactions = Math.floor(tokens / tokensPerCompaction);
    const seed = chance.integer(0, 2 ** 32 - 1);
    const seen = await watchLive({ ...shape, tokens, compactions, seed }, tokensPerSecond);
    assert.equal(seen.tokensShown, seen.tokensWritten, "tokens were lost on the way");
    assert.ok(seen.messages.toPage <= mostMessages, `${seen.messages.toPage} messages/s`);
    assert.equal(seen.whileHidden, 0, "messages to a hidden page");
    const { p99, longest } = seen.hostDelay;
    const isTelling = times >= fewestTellingSeconds;
    assert.ok(!isTelling || p99 <= mostDelayMillis, `the host's event loop is ${p99} ms late`);
    return [
      `${seen.tokensWritten} tokens and ${compactions * shape.layers * shape.kvHeads} decisions, 0 lost`,
      `${seen.messages.toPage.toFixed(0)} messages/s`,
      `token to screen ${spread(seen.lags)}`,
      `host's event loop p99 ${p99.toFixed(1)} ms late, longest ${longest.toFixed(0)} ms`,
      `hidden, 0 messages`,
    ].join("; ");
  },
};
