import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Engine } from "../../src/engine/engine";
import type { EngineEvents } from "../../src/shared/wire/engineApi";
import { policyNames } from "../../src/shared/settings/policies";
import { defaultSamplingSettings } from "../../src/shared/settings/settings";
import { askedOf, cacheOf, randomIds, tinyContext, tinyFolder } from "../support/engine/tinyRuns";

/** What the engine does when it tells its host how far a prompt is read. */
let onPrefill: (event: EngineEvents["prefill"]) => Promise<void> = () => Promise.resolve();
const engine = new Engine((name, event) =>
  name === "prefill" ? onPrefill(event as EngineEvents["prefill"]) : Promise.resolve(),
);
const { load, generate, configure, cancel, countTokens, estimate } = handlersOf(engine);
before(() => load({ folder: tinyFolder, device: "cpu" }));

/** Called as the wire calls them; no handler of this engine looks at the token. */
function handlersOf({ handlers }: Engine) {
  const token = {
    isCancellationRequested: false,
    onCancellationRequested: () => ({ dispose() {} }),
  };
  return {
    load: (params: Parameters<typeof handlers.load>[0]) => handlers.load(params, token),
    generate: (params: Parameters<typeof handlers.generate>[0]) => handlers.generate(params, token),
    configure: (params: Parameters<typeof handlers.configure>[0]) =>
      handlers.configure(params, token),
    cancel: (params: Parameters<typeof handlers.cancel>[0]) => handlers.cancel(params, token),
    countTokens: (params: Parameters<typeof handlers.countTokens>[0]) =>
      handlers.countTokens(params, token),
    estimate: (params: Parameters<typeof handlers.estimate>[0]) => handlers.estimate(params, token),
  };
}

const ids = randomIds(20);

test("an engine without a model says so", async () => {
  const empty = handlersOf(new Engine(() => Promise.resolve()));
  await assert.rejects(empty.generate(askedOf({ ids })), /No model is loaded yet: load one first/);
  await assert.rejects(empty.countTokens({ messages: [] }), /No model is loaded yet/);
});

test("one engine loads one model", async () => {
  await assert.rejects(load({ folder: tinyFolder, device: "cpu" }), /has a model already/);
});

test("one run at a time; the first one is not disturbed", async () => {
  const first = generate(askedOf({ ids, maxTokens: 5 }));
  await assert.rejects(
    generate(askedOf({ ids, run: "other" })),
    /still busy with another question/,
  );
  assert.equal((await first).tokens, 5);
  assert.equal((await generate(askedOf({ ids, maxTokens: 5 }))).tokens, 5);
});

for (const [what, prompt, words] of [
  ["is empty", [], /The prompt is empty/],
  ["has an id too large", [3, 512], /token id 512, but this model's ids go from 0 to 511/],
  ["has an id below 0", [-1], /token id -1/],
  ["has an id that is no whole number", [1.5], /token id 1.5/],
  ["fills the context", randomIds(tinyContext), /takes 512 tokens.*reads 512 at most.*shorten/],
] as const)
  test(`a prompt that ${what} is refused in words, and the engine goes on`, async () => {
    await assert.rejects(generate(askedOf({ ids: [...prompt] })), words);
    assert.equal((await generate(askedOf({ ids, maxTokens: 1 }))).tokens, 1);
  });

test("a chat needs a tokenizer, which this folder does not have", async () => {
  const messages = [{ role: "user" as const, content: "Hello" }];
  const prompt = { kind: "chat" as const, messages };
  await assert.rejects(
    generate({ ...askedOf({ ids }), prompt }),
    /no tokenizer\.json.*token ids only/,
  );
  await assert.rejects(countTokens({ messages }), /no tokenizer/);
});

for (const [changed, words] of [
  [{ maxTokens: 0 }, "The setting maxTokens is 0: choose 1 or more."],
  [{ maxTokens: 2.5 }, "The setting maxTokens is 2.5: choose a whole number."],
  [{ chains: 65 }, "The setting chains is 65: choose 64 or less."],
  [
    { cache: cacheOf({ observationWindow: 0 }) },
    "The setting cache.observationWindow is 0: choose 1 or more.",
  ],
  [{ cache: cacheOf({ lambda: NaN }) }, "The setting cache.lambda is NaN: a number is wanted."],
  [
    { cache: cacheOf({ budget: { kind: "share", percent: 0 } }) },
    "The setting cache.budget.percent is 0: choose more than 0.",
  ],
  [
    { cache: { ...cacheOf(), policy: "best" as "rkv" } },
    `The setting cache.policy is "best": choose one of ${policyNames.join(", ")}.`,
  ],
  [
    { sampling: { ...defaultSamplingSettings, topP: 1.5 } },
    "The setting sampling.topP is 1.5: choose 1 or less.",
  ],
] as const)
  test(`refused in one sentence: ${words}`, async () => {
    await assert.rejects(generate(askedOf({ ids, ...changed })), {
      name: "RangeError",
      message: words,
    });
  });

test("a stop, or a change, of another run does nothing", async () => {
  const run = generate(askedOf({ ids, maxTokens: 5 }));
  await cancel({ run: "other" });
  await configure({ run: "other", cache: cacheOf({ observationWindow: 0 }) });
  assert.equal((await run).tokens, 5);
});

test("a stop reaches a run that still reads its prompt", async () => {
  onPrefill = ({ run }) => cancel({ run });
  const end = await generate(askedOf({ ids: randomIds(400, 1) }));
  onPrefill = () => Promise.resolve();
  assert.equal(end.chains[0].stopReason, "cancelled");
  assert.equal(end.position, 128);
});

test("a change reaches a run that still reads its prompt; an absurd one is refused", async () => {
  let refused: unknown;
  const wide = cacheOf({ budget: { kind: "count", slots: 500 } });
  onPrefill = async ({ run }) => {
    refused = await configure({ run, cache: cacheOf({ buffer: 0 }) }).catch(String);
    await configure({ run, cache: wide });
  };
  const end = await generate(askedOf({ ids: randomIds(300), maxTokens: 5 }));
  onPrefill = () => Promise.resolve();
  assert.equal(refused, "RangeError: The setting buffer is 0: choose 1 or more.");
  assert.deepEqual([end.compactions, end.tokens], [0, 5]);
});

test("an estimate counts budget and buffer, and never more than the context", async () => {
  // 2 layers × 2 KV heads × 16 numbers of 4 bytes, keys and values.
  const perToken = 2 * 2 * 2 * 16 * 4;
  const of = async (budget: Parameters<typeof estimate>[0]["budget"]) =>
    (await estimate({ folder: tinyFolder, budget, buffer: 16 })).kvBytesAtBudget / perToken;
  assert.equal(await of({ kind: "count", slots: 100 }), 116);
  assert.equal(await of({ kind: "share", percent: 25 }), tinyContext / 4 + 16);
  assert.equal(await of({ kind: "count", slots: 100_000 }), tinyContext);
  assert.equal(await of({ kind: "full" }), tinyContext);
  const { kvBytesFull, weightBytes, freeBytes } = await estimate({
    folder: tinyFolder,
    budget: { kind: "full" },
    buffer: 16,
  });
  assert.equal(kvBytesFull, tinyContext * perToken);
  assert.ok(weightBytes > 300_000 && freeBytes > 0);
});
