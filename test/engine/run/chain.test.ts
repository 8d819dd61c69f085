import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../../../src/engine/run/chain";

const endId = 2;
const prompt = { text: "", ids: [5, 6, 7] };

function chainOf(limits: { maxTokens?: number; contextLength?: number } = {}): Chain {
  return new Chain(prompt, {
    endIds: new Set([endId]),
    maxTokens: 9,
    contextLength: 99,
    ...limits,
  });
}

function replyOf({ reply }: Chain): number[] {
  return reply.map(({ id }) => id);
}

test("a chain goes on from its prompt, which it leaves as it is", () => {
  const chain = chainOf();
  chain.push(8, -0.5);
  assert.deepEqual(chain.ids, [5, 6, 7, 8]);
  assert.deepEqual(prompt.ids, [5, 6, 7]);
  assert.deepEqual([replyOf(chain), chain.reply[0].logProb], [[8], -0.5]);
  assert.equal(chain.stopReason, undefined);
});

test("an end id ends the reply and is no part of it, also as its last token", () => {
  const chain = chainOf({ maxTokens: 2 });
  chain.push(8, 0);
  chain.push(endId, 0);
  assert.equal(chain.stopReason, "end");
  assert.deepEqual(replyOf(chain), [8]);
  assert.deepEqual(chain.ids, [...prompt.ids, 8]);
});

test("maxTokens counts the reply alone", () => {
  const chain = chainOf({ maxTokens: 2 });
  chain.push(8, 0);
  assert.equal(chain.stopReason, undefined);
  chain.push(9, 0);
  assert.equal(chain.stopReason, "length");
  assert.deepEqual(replyOf(chain), [8, 9]);
});

test("the context counts prompt and reply together, and its last token still counts", () => {
  const chain = chainOf({ contextLength: 5 });
  chain.push(8, 0);
  assert.equal(chain.stopReason, undefined);
  chain.push(9, 0);
  assert.equal(chain.stopReason, "context");
  assert.deepEqual(chain.ids, [5, 6, 7, 8, 9]);
});

test("where both are full at once, it is the length that was asked for", () => {
  const chain = chainOf({ maxTokens: 1, contextLength: 4 });
  chain.push(8, 0);
  assert.equal(chain.stopReason, "length");
});

test("the first end stays", () => {
  const chain = chainOf();
  chain.push(endId, 0);
  chain.end("cancelled");
  assert.equal(chain.stopReason, "end");
});
