import assert from "node:assert/strict";
import { test } from "node:test";
import { LostAttention } from "../../../src/engine/cache/lostAttention";
import { float32s } from "../../../src/engine/runtime/runtime";
import { Random } from "../../../src/shared/random";

for (const softcap of [0, 2])
  test(`lost attention is the marked slots' share of a softmax: softcap ${softcap}`, async () => {
    const [heads, capacity, slots, group, dim, scale] = [2, 7, 5, 3, 4, 0.5];
    const random = new Random(4);
    const some = (count: number) =>
      Float32Array.from({ length: count }, () => 4 * random.next() - 2);
    const [keys, query] = [some(heads * capacity * dim), some(heads * group * dim)];
    const marked = Float32Array.from([1, 0, 0, 1, 0, 0, 1, 1, 0, 0]);

    const expected = [0, 1].map((head) => {
      let sum = 0;
      for (let g = 0; g < group; g++) {
        const weights = Array.from({ length: slots }, (_, slot) => {
          let dot = 0;
          for (let d = 0; d < dim; d++)
            dot += query[(head * group + g) * dim + d] * keys[(head * capacity + slot) * dim + d];
          return Math.exp(softcap > 0 ? softcap * Math.tanh((dot * scale) / softcap) : dot * scale);
        });
        const total = weights.reduce((a, b) => a + b);
        weights.forEach((weight, slot) => (sum += (marked[head * slots + slot] * weight) / total));
      }
      return sum / group;
    });

    const lost = new LostAttention("cpu", "float32");
    const shares = await lost.share(
      float32s(keys, [heads, capacity, dim]),
      float32s(query, [heads, group, dim]),
      marked,
      slots,
      { scale, softcap, localWindow: 0 },
    );
    shares.forEach((share, head) => assert.ok(Math.abs(share - expected[head]) < 1e-5));
    await lost.dispose();
  });
