/** Who counts when, and who is stopped: chains of a scripted decoder whose texts are their last ids. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain } from "../../../src/engine/run/chain";
import { ChainVote } from "../../../src/engine/run/chainVote";
import { DecodeLoop } from "../../../src/engine/run/decodeLoop";
import { Reply } from "../../../src/engine/run/reply";
import type { TokenText } from "../../../src/engine/text/protocol";
import { ReplyReader } from "../../../src/engine/text/replyReader";
import { ScriptedDecoder } from "../../support/engine/scriptedDecoder";
import { cacheOf, greedy } from "../../support/engine/tinyRuns";

const endId = 2;
type Decode = (ids: number[]) => Promise<TokenText[]>;

/** Texts go on by one up to 20, those that begin with 11 up to 25. */
function counting(text: readonly number[]): number {
  const next = text[text.length - 1] + 1;
  return next > (text[0] === 11 ? 25 : 20) ? endId : next;
}

const decodeAtOnce: Decode = (ids) =>
  Promise.resolve(ids.map((id) => ({ id, text: `${id} `, label: `#${id}` })));

function conduct(prompts: number[][], maxTokens = 50, decode = decodeAtOnce) {
  const limits = { endIds: new Set([endId]), maxTokens, contextLength: 100 };
  const chains = prompts.map((ids, i) => new Chain({ text: "", ids }, limits, i));
  const replies = chains.map((chain) => {
    const reader = new ReplyReader({ decode }, chain.number, chain.prompt);
    return new Reply(chain, reader, 0, () => undefined);
  });
  const told: [number, string | undefined][] = [];
  const vote = new ChainVote(replies, ({ chain, answer }) => told.push([chain, answer]));
  const loop = new DecodeLoop(new ScriptedDecoder(counting), chains, {
    control: { run: "run", cache: cacheOf({ policy: "full" }), isCancelled: false },
    sampling: greedy,
    onStep: () => {
      for (const reply of replies) reply.follow();
      vote.follow();
    },
  });
  return { chains, vote, loop, told };
}

test("a chain that can no longer change the vote is stopped", async () => {
  const { chains, vote, loop, told } = conduct([
    [10, 16],
    [11, 4],
    [10, 17],
    [10, 18],
  ]);
  await loop.run();
  assert.deepEqual(
    chains.map(({ stopReason }) => stopReason),
    ["end", "settled", "end", "end"],
  );
  assert.ok(chains[1].reply.length < 12, "it had 21 to go");
  const agreed = { answer: "20", agree: 3, of: 4, chains: [0, 2, 3] };
  assert.deepEqual(await vote.result(), agreed);
  assert.deepEqual(told, [
    [3, "20"],
    [2, "20"],
    [0, "20"],
    [1, undefined],
  ]);
});

test("a chain that could still change the vote goes on to its end", async () => {
  const { chains, vote, loop } = conduct([
    [10, 16],
    [11, 16],
  ]);
  await loop.run();
  assert.deepEqual(
    chains.map(({ stopReason, reply }) => [stopReason, reply.at(-1)?.id]),
    [
      ["end", 20],
      ["end", 25],
    ],
  );
  assert.equal((await vote.result())?.agree, 1);
});

test("a reply that was cut has no vote", async () => {
  const { vote, loop, told } = conduct([[10, 11]], 3);
  await loop.run();
  assert.equal(await vote.result(), undefined);
  assert.deepEqual(told, [[0, undefined]]);
});

test("the loop does not wait for text: what is decoded late is counted late", async () => {
  let letGo = (): void => undefined;
  const free = new Promise<void>((resolve) => (letGo = resolve));
  const decodeLate: Decode = (ids) => free.then(() => decodeAtOnce(ids));
  const { chains, vote, loop } = conduct(
    [
      [10, 18],
      [10, 18],
      [11, 4],
    ],
    50,
    decodeLate,
  );
  await loop.run();
  assert.equal(chains[2].stopReason, "end");
  letGo();
  assert.deepEqual(await vote.result(), { answer: "20", agree: 2, of: 3, chains: [0, 1] });
});

test("text that cannot be decoded fails the vote in the end, and not the loop", async () => {
  const fails: Decode = () => Promise.reject(new Error("no text"));
  const { vote, loop } = conduct([[10, 18]], 50, fails);
  await loop.run();
  await assert.rejects(vote.result(), /no text/);
});
