import assert from "node:assert/strict";
import { test } from "node:test";
import { RunningChains } from "../../../src/client/chat/runningChains";
import type { AnswerChain } from "../../../src/shared/chat/chatState";

const text = { run: "run", channel: "thinking", text: "w", tokens: 1, step: 0 } as const;

test("tokens of all chains are told a few times a second, and an end at once", () => {
  const told: AnswerChain[][] = [];
  const chains = new RunningChains(16, (all) => told.push(all));
  for (let i = 0; i < 1_600; i++) chains.count({ ...text, chain: i % 16 });
  assert.ok(told.length < 100, `${told.length} for 1,600 tokens`);
  const before = told.length;
  chains.end({ chain: 3, stopReason: "end", answer: "44" });
  assert.equal(told.length, before + 1);
  const last = told[before];
  assert.deepEqual(
    [last[3].found, last[3].stopReason, last[4].stopReason],
    ["44", "end", undefined],
  );
  assert.ok(last.every(({ thinkingTokens }) => thinkingTokens === 100));
  assert.ok(
    last.every(({ thinking }) => thinking === ""),
    "no text on the way",
  );
});
