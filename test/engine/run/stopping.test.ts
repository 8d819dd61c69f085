import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { NonFiniteScoreError } from "../../../src/engine/compaction/decision";
import { randomIds, tinyContext, TinyRuns } from "../../support/engine/tinyRuns";

let runs: TinyRuns;
before(async () => {
  runs = await TinyRuns.open();
});
beforeEach(() => {
  runs.afterFeed = () => undefined;
});
after(() => runs.close());

test("a stop while the prompt is read waits for one chunk at most", async () => {
  const reads: number[] = [];
  runs.afterFeed = (control, position) => {
    reads.push(position);
    control.isCancelled = true;
  };
  const end = await runs.run({ ids: randomIds(400) });
  assert.deepEqual(reads, [128]);
  assert.deepEqual(end.chains[0].tokenIds, []);
  assert.equal(end.chains[0].stopReason, "cancelled");
  assert.equal(end.promptForgotten, 0, "what was never read was not forgotten");
});

test("a stop between two steps keeps every token chosen before it", async () => {
  const ids = randomIds(20);
  const { chains } = await runs.run({ ids });
  runs.afterFeed = (control, position) => (control.isCancelled = position === 30);
  const { end, trace } = await runs.traced({ ids });
  assert.deepEqual(end.chains[0].tokenIds, chains[0].tokenIds.slice(0, 10));
  assert.equal(end.chains[0].stopReason, "cancelled");
  assert.deepEqual(trace.reply(), end.chains[0].tokenIds);
  assert.equal(trace.all("end")[0].stopReason, "cancelled");
});

test("a run after a stop begins afresh", async () => {
  const ids = randomIds(200);
  const { chains } = await runs.run({ ids });
  runs.afterFeed = (control) => (control.isCancelled = true);
  await runs.run({ ids: randomIds(300, 1) });
  runs.afterFeed = () => undefined;
  assert.deepEqual((await runs.run({ ids })).chains, chains);
});

test("maxTokens ends a run", async () => {
  const end = await runs.run({ ids: randomIds(5), maxTokens: 3 });
  assert.equal(end.chains[0].stopReason, "length");
  assert.equal(end.chains[0].tokenIds.length, 3);
  assert.equal(end.tokens, 3);
});

test("prompt and reply together fill the context, and no token more", async () => {
  const end = await runs.run({ ids: randomIds(tinyContext - 5), maxTokens: 100 });
  assert.equal(end.chains[0].stopReason, "context");
  assert.equal(end.promptTokens + end.tokens, tinyContext);
});

test("a reply that will reach the context is told so once, ahead", async () => {
  const near = Math.ceil((tinyContext * 7) / 8);
  await runs.run({ ids: randomIds(near - 5), maxTokens: tinyContext });
  const [notice, ...more] = runs.notices();
  assert.match(notice, new RegExp(`^${near} of the ${tinyContext} tokens`));
  assert.deepEqual(more, []);
});

test("a reply that ends before the context is not told of it", async () => {
  await runs.run({ ids: randomIds(tinyContext - 5), maxTokens: 5 });
  assert.deepEqual(runs.notices(), []);
});

test("an end id ends a reply and is no part of it", async () => {
  const ids = randomIds(20);
  const { tokenIds } = (await runs.run({ ids })).chains[0];
  const at = tokenIds.findIndex((id, i) => i > 2 && tokenIds.indexOf(id) === i);
  const ending = new TinyRuns({ ...runs.model, endIds: new Set([tokenIds[at]]) });
  const [reply] = (await ending.run({ ids })).chains;
  assert.equal(reply.stopReason, "end");
  assert.deepEqual(reply.tokenIds, tokenIds.slice(0, at));
});

for (const value of [NaN, Infinity, -Infinity])
  test(`a logit that is ${value} ends the run with a notice, the text so far whole`, async () => {
    const ids = randomIds(20);
    const { tokenIds } = (await runs.run({ ids })).chains[0];
    const poisoned = await TinyRuns.open();
    const { decoder } = poisoned.model;
    const feed = decoder.feed.bind(decoder);
    decoder.feed = async (...asked) => {
      const logits = await feed(...asked);
      return decoder.position === 26 ? logits.fill(value, 9, 10) : logits;
    };
    const { end, trace } = await poisoned.traced({ ids });
    assert.equal(end.chains[0].stopReason, "non-finite");
    assert.deepEqual(end.chains[0].tokenIds, tokenIds.slice(0, 6));
    assert.deepEqual(trace.reply(), end.chains[0].tokenIds);
    assert.equal(trace.all("end")[0].stopReason, "non-finite");
    assert.equal(poisoned.notices().length, 1);
    assert.match(poisoned.notices()[0], new RegExp(`gave ${value} as the logit of token 9`));
    await poisoned.close();
  });

test("a score that is no number ends the run with a notice, and nothing is evicted", async () => {
  const poisoned = await TinyRuns.open();
  poisoned.model.decoder.compact = () => Promise.reject(new NonFiniteScoreError("rkv", 1));
  const end = await poisoned.run({ ids: randomIds(20) });
  assert.equal(end.chains[0].stopReason, "non-finite");
  assert.equal(end.chains[0].tokenIds.length, 12, "up to budget + buffer");
  assert.equal(end.evicted, 0);
  assert.match(poisoned.notices().join(), /policy rkv .* layer 1/);
  await poisoned.close();
});
