import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { NonFiniteScoreError } from "../../../src/engine/compaction/decision";
import type { Decoder } from "../../../src/engine/decoder/decoder";
import { policyNames } from "../../../src/shared/settings/settings";
import type { ToyShape } from "../../support/toyModel";
import {
  cacheSettings,
  compact,
  largestDifference,
  openToy,
  readSteps,
  someIds,
} from "../../support/toyDecoder";

const open: Decoder[] = [];
after(() => Promise.all(open.map((decoder) => decoder.dispose())));

async function toy(shape: Partial<ToyShape> = {}): Promise<Decoder> {
  const decoder = await openToy("cpu", shape);
  open.push(decoder);
  return decoder;
}

function assertClose(a: Float32Array, b: Float32Array, tolerance = 1e-4): void {
  const difference = largestDifference(a, b);
  assert.ok(difference <= tolerance, `the logits differ by ${difference}`);
}

describe("reading", () => {
  for (const [name, shape] of Object.entries({
    "plain attention": {},
    "a softcap": { softcap: 2 },
    "a local window in one layer": { localWindows: [0, 9] },
  } satisfies Record<string, Partial<ToyShape>>))
    test(`at once, in chunks and token by token gives the same logits: ${name}`, async () => {
      const ids = someIds(300);
      const atOnce = await (await toy(shape)).feed([ids]);

      const chunked = await toy(shape);
      for (const [start, end] of [
        [0, 7],
        [7, 160],
        [160, 299],
      ])
        await chunked.feed([ids.slice(start, end)], 300 - end);
      assertClose(await chunked.feed([ids.slice(299)]), atOnce);

      const stepwise = await readSteps(await toy(shape), ids);
      assertClose(stepwise[299], atOnce);
    });

  test("holds every token once, in order, and counts its bytes exactly", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(290)]);
    await readSteps(decoder, someIds(10));
    const expected = Array.from({ length: 300 }, (_, i) => i);
    assert.deepEqual([...decoder.positions(1)], [...expected, ...expected]);
    const layersHeadsDimBytes = 2 * 2 * 16 * 4;
    assert.equal(decoder.bytesHeld, 300 * 2 * layersHeadsDimBytes);
    assert.equal(decoder.bytesFull, decoder.bytesHeld);
    assert.ok(decoder.bytesReserved >= decoder.bytesHeld);
  });

  test("refuses a position beyond the rotary table, before it reads anything", async () => {
    const decoder = await toy({ rotaryRows: 20 });
    await decoder.feed([someIds(18)]);
    await assert.rejects(decoder.feed([someIds(3)]), /Position 20 is beyond the model's 20/);
    assert.equal(decoder.position, 18);
  });
});

describe("compaction", () => {
  test("tells of each layer, so that nobody takes a long one for dead", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(60)]);
    let layers = 0;
    const draw = { seed: 5, compaction: 0, chains: [0] };
    const request = { settings: cacheSettings(), promptLength: 0, ...draw };
    await decoder.compact({ ...request, cause: "buffer", onLayer: () => layers++ });
    assert.equal(layers, decoder.model.layers.length);
  });

  for (const policy of policyNames)
    test(`${policy} with a budget of the whole length changes nothing`, async () => {
      const ids = someIds(40);
      const decoder = await toy();
      await decoder.feed([ids]);
      const { layers } = await compact(decoder, { policy, budget: { kind: "count", slots: 40 } });
      assert.ok(layers.every(({ retained }) => retained.every((kept) => kept === 1)));
      const full = await toy();
      await full.feed([ids]);
      assert.deepEqual(await decoder.feed([[3]]), await full.feed([[3]]));
    });

  test("leaves the budget, the window among it, and reports every candidate's score", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(60)]);
    const before = decoder.bytesHeld;
    const outcome = await compact(decoder);
    assert.equal(decoder.slots, 24);
    assert.equal(decoder.evicted, 36);
    assert.deepEqual([outcome.bytesBefore, outcome.bytesAfter], [before, (before * 24) / 60]);
    for (const { heads, slots, positions, retained, scores, parts, layer } of outcome.layers) {
      assert.deepEqual([heads, slots], [2, 60]);
      assert.deepEqual(
        parts.map(({ name }) => name),
        ["importance", "redundancy"],
      );
      const survivors = positions.filter((_, i) => retained[i] === 1);
      assert.deepEqual(decoder.positions(layer), survivors);
      for (let head = 0; head < heads; head++) {
        const row = scores.subarray(head * slots, (head + 1) * slots);
        assert.ok(row.subarray(0, 56).every(Number.isFinite));
        assert.ok(row.subarray(56).every(Number.isNaN), "the window does not compete");
        assert.deepEqual(
          [...retained.subarray(head * slots + 56, (head + 1) * slots)],
          [1, 1, 1, 1],
        );
      }
    }
  });

  test("never evicts a pinned prompt, even where it passes the budget", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(60)]);
    const outcome = await compact(decoder, { pinPrompt: true }, 30);
    assert.equal(outcome.budget, 34);
    for (let head = 0; head < 2; head++) {
      const held = decoder.positions(0).subarray(head * 34, (head + 1) * 34);
      assert.deepEqual([...held], [...Array(30).keys(), 56, 57, 58, 59]);
    }
  });

  test("drops from a local layer only what it cannot see", async () => {
    const ids = someIds(60);
    const [compacted, full] = [
      await toy({ localWindows: [9, 9] }),
      await toy({ localWindows: [9, 9] }),
    ];
    await compacted.feed([ids]);
    await full.feed([ids]);
    const { layers } = await compact(compacted);
    assert.ok(layers.every(({ slotsAfter }) => slotsAfter === 9));
    for (const id of someIds(20, 1))
      assertClose(await compacted.feed([[id]]), await full.feed([[id]]));
  });

  test("stops at a score that is not a number, and leaves the cache as it was", async () => {
    const ids = someIds(40);
    const decoder = await toy();
    await decoder.feed([ids]);
    await assert.rejects(compact(decoder, { lambda: NaN }), NonFiniteScoreError);
    const full = await toy();
    await full.feed([ids]);
    assert.deepEqual(await decoder.feed([[3]]), await full.feed([[3]]));
  });

  test("keys of new tokens come as unit vectors, each token once", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(30)]);
    const [first] = await decoder.takeNewKeys();
    assert.deepEqual([first.firstPosition, first.count, first.keys.length], [0, 30, 2 * 30 * 16]);
    const length = Math.hypot(...first.keys.subarray(0, 16));
    assert.ok(Math.abs(length - 1) < 1e-5);
    await compact(decoder);
    await readSteps(decoder, someIds(5));
    const next = await decoder.takeNewKeys();
    assert.deepEqual(
      next.map(({ layer, firstPosition, count }) => [layer, firstPosition, count]),
      [
        [0, 30, 5],
        [1, 30, 5],
      ],
    );
    assert.deepEqual(await decoder.takeNewKeys(), []);
  });
});

describe("several chains", () => {
  test("decode as they would alone, through compactions", async () => {
    const prompt = someIds(30);
    const chains = [someIds(40, 1), someIds(40, 2), someIds(40, 3)];
    const together = await toy();
    await together.feed([prompt]);
    await together.fork(3);
    const alone = await Promise.all(chains.map(() => toy()));
    for (const decoder of alone) await decoder.feed([prompt]);
    for (let step = 0; step < 40; step++) {
      const joint = await together.feed(chains.map((ids) => [ids[step]]));
      for (const [chain, decoder] of alone.entries())
        assertClose(
          joint.subarray(chain * 48, (chain + 1) * 48),
          await decoder.feed([[chains[chain][step]]]),
        );
      if (step % 10 !== 9) continue;
      const outcome = await compact(together);
      assert.equal(outcome.layers[0].heads, 6);
      for (const decoder of alone) await compact(decoder);
    }
  });

  test("leave the batch when they are at their end", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(30)]);
    await decoder.fork(3);
    await decoder.feed([[1], [2], [3]]);
    await decoder.select([2]);
    const alone = await toy();
    await alone.feed([[...someIds(30), 3]]);
    assertClose(await decoder.feed([[4]]), await alone.feed([[4]]));
    assert.equal(decoder.bytesHeld, alone.bytesHeld);
  });
});

describe("the next turn", () => {
  test("goes on from the common part, as if it had read nothing else", async () => {
    const ids = someIds(200);
    const decoder = await toy();
    await decoder.feed([ids]);
    await readSteps(decoder, someIds(20, 1));
    assert.equal(decoder.reusablePrefix(), 220);
    for (const cut of [190, 50, 0]) {
      await decoder.truncate(cut);
      const fresh = await toy();
      assertClose(
        await decoder.feed([someIds(30, cut)]),
        await fresh.feed([[...ids.slice(0, cut), ...someIds(30, cut)]]),
      );
      assert.equal(decoder.position, cut + 30);
    }
  });

  test("reuses nothing that was read after an eviction, nor anything evicted", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(60)]);
    await compact(decoder, { policy: "streaming-llm" });
    await readSteps(decoder, someIds(5));
    assert.equal(decoder.reusablePrefix(), 4);
    await assert.rejects(decoder.truncate(5), RangeError);
    await decoder.truncate(4);
    const fresh = await toy();
    await fresh.feed([someIds(60).slice(0, 4)]);
    assertClose(await decoder.feed([[7]]), await fresh.feed([[7]]));
  });

  test("a short prompt after a long one compacts by its own queries", async () => {
    const decoder = await toy();
    await decoder.feed([someIds(400)]);
    await compact(decoder);
    await decoder.truncate(0);
    const fresh = await toy();
    for (const each of [decoder, fresh]) await each.feed([someIds(50, 2)]);
    const [again, first] = [await compact(decoder), await compact(fresh)];
    assert.deepEqual(again.layers, first.layers);
  });
});
