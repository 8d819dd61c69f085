import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openDecoder } from "../../../src/engine/decoder/openDecoder";
import type { Decoder } from "../../../src/engine/decoder/decoder";
import type { CacheLayout } from "../../../src/onnx/evictableDecoder";
import { rewriteModel } from "../../../src/onnx/rewrite/rewriteModel";
import type { Device } from "../../../src/shared/settings/settings";
import { policyNames, policyWords } from "../../../src/shared/settings/policies";
import { toyModel, type ToyShape } from "../../support/toyModel";
import {
  cannotTestWebGpu,
  isUnderSwiftshader,
  runUnderSwiftshader,
} from "../../support/swiftshader";
import { compact, largestDifference, openToy, someIds } from "../../support/toyDecoder";

const open: Decoder[] = [];
after(() => Promise.all(open.map((decoder) => decoder.dispose())));

/** The same toy on WebGPU, in place, and on the CPU, in blocks. */
async function both(shape: Partial<ToyShape> = {}): Promise<[Decoder, Decoder]> {
  const pair: [Decoder, Decoder] = [await openToy("webgpu", shape), await openToy("cpu", shape)];
  open.push(...pair);
  return pair;
}

/** The same model file on both. */
async function bothOf(modelFile: string): Promise<[Decoder, Decoder]> {
  const rewrite = (layout: CacheLayout) => rewriteModel({ modelFile, layout });
  const openOn = async (device: Device) => (await openDecoder(rewrite, device)).decoder;
  const pair: [Decoder, Decoder] = [await openOn("webgpu"), await openOn("cpu")];
  open.push(...pair);
  return pair;
}

async function assertSameLogits([gpu, cpu]: [Decoder, Decoder], ids: number[][]): Promise<void> {
  const difference = largestDifference(await gpu.feed(ids), await cpu.feed(ids));
  assert.ok(difference < 1e-3, `the logits differ by ${difference}`);
}

if (isUnderSwiftshader()) {
  describe("the cache in place on WebGPU", () => {
    for (const [name, shape] of Object.entries({
      "plain attention": {},
      "a local window": { localWindows: [0, 9] },
      "rotary by slot": { slotRotary: true },
    } satisfies Record<string, Partial<ToyShape>>))
      test(`decodes as the blocks do on the CPU, through growth and compactions: ${name}`, async () => {
        const pair = await both(shape);
        await assertSameLogits(pair, [someIds(70)]);
        for (const policy of policyNames.filter((name) => !policyWords[name].evictsNothing)) {
          const [onGpu, onCpu] = [
            await compact(pair[0], { policy }),
            await compact(pair[1], { policy }),
          ];
          onGpu.layers.forEach(({ positions, retained }, layer) => {
            assert.deepEqual(positions, onCpu.layers[layer].positions);
            assert.deepEqual(retained, onCpu.layers[layer].retained);
          });
          for (const id of someIds(6, 3)) await assertSameLogits(pair, [[id]]);
        }
        assert.equal(pair[0].bytesHeld, pair[1].bytesHeld);
        await assertSameLogits(pair, [someIds(200, 4)]);
      });

    test("keeps more layers and steps than a program can bind tensors", async () => {
      const pair = await both({ localWindows: Array<number>(18).fill(0), spread: 0.4 });
      await assertSameLogits(pair, [someIds(30)]);
      for (const id of someIds(12, 6)) await assertSameLogits(pair, [[id]]);
      const [onGpu, onCpu] = [
        await compact(pair[0], { observationWindow: 12 }),
        await compact(pair[1], { observationWindow: 12 }),
      ];
      onGpu.layers.forEach(({ retained }, layer) =>
        assert.deepEqual(retained, onCpu.layers[layer].retained),
      );
      await assertSameLogits(pair, [[7]]);
    });

    test("forks, drops chains and goes back as the blocks do", async () => {
      const pair = await both({ slotRotary: true });
      await assertSameLogits(pair, [someIds(40)]);
      for (const decoder of pair) await decoder.fork(3);
      await assertSameLogits(pair, [[1], [2], [3]]);
      await assertSameLogits(pair, [
        [4, 5],
        [6, 7],
        [8, 9],
      ]);
      for (const decoder of pair) await compact(decoder);
      for (const decoder of pair) await decoder.select([2, 0]);
      await assertSameLogits(pair, [[5], [6]]);
      for (const decoder of pair) await decoder.select([0]);
      assert.equal(pair[0].reusablePrefix(), pair[1].reusablePrefix());
      for (const decoder of pair) await decoder.truncate(decoder.reusablePrefix());
      await assertSameLogits(pair, [someIds(20, 5)]);
    });

    test("reserves no more than the budget and the buffer need, once compacted", async () => {
      const [gpu] = await both();
      await gpu.feed([someIds(500)]);
      await compact(gpu, { buffer: 40 });
      const [slots, layersHeadsDimBytes] = [64, 2 * 2 * 16 * 4];
      assert.equal(gpu.bytesReserved, 2 * slots * layersHeadsDimBytes);
      assert.equal(gpu.bytesHeld, 2 * 24 * layersHeadsDimBytes);
    });

    for (const name of ["optimum-qwen2", "optimum-qwen3"])
      test(`votes as the blocks do with what the attention of ${name} does inside`, async () => {
        const pair = await bothOf(`test/fixtures/exports/${name}/model.onnx`);
        await assertSameLogits(pair, [someIds(60)]);
        for (const policy of ["snapkv", "rkv"] as const) {
          const [onGpu, onCpu] = [
            await compact(pair[0], { policy }),
            await compact(pair[1], { policy }),
          ];
          // Slots that did not compete have no score.
          const scoresOf = ({ scores }: { scores: Float32Array }) => scores.map((x) => x || 0);
          onGpu.layers.forEach((layer, i) => {
            const difference = largestDifference(scoresOf(layer), scoresOf(onCpu.layers[i]));
            assert.ok(difference < 1e-6, `the scores differ by ${difference}`);
          });
          for (const id of someIds(6, 3)) await assertSameLogits(pair, [[id]]);
        }
      });

    test("gives unit keys as the CPU does", async () => {
      const pair = await both();
      await assertSameLogits(pair, [someIds(30)]);
      const [gpu, cpu] = [await pair[0].takeNewKeys(), await pair[1].takeNewKeys()];
      gpu.forEach(({ keys }, layer) => assert.ok(largestDifference(keys, cpu[layer].keys) < 1e-4));
    });

    test("is refused to a model with a softcap, which WebGPU's attention would leave out", () =>
      assert.rejects(openToy("webgpu", { softcap: 2 }), /ignores the softcap/));

    test("is refused by auto where only a software driver is there, and opens when asked for", async () => {
      const rewrite = (layout: "blocks" | "in-place") => Promise.resolve(toyModel(layout));
      const auto = await openDecoder(rewrite, "auto");
      open.push(auto.decoder);
      assert.equal(auto.decoder.device, "cpu");
      assert.match(auto.attempts[0].error ?? "", /no graphics device/);
      const asked = await openDecoder(rewrite, "webgpu");
      open.push(asked.decoder);
      assert.deepEqual(asked.attempts, [{ device: "webgpu" }]);
    });
  });
} else {
  test("the cache in place on WebGPU, through SwiftShader", { skip: cannotTestWebGpu() }, () =>
    runUnderSwiftshader(__filename),
  );
}
