/** How a page asks its host for bytes: what is read at the same moment, in one question. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "../../../webview/inspector/state/together";

/** Of a trace whose bytes tell their place. */
function countedReads() {
  const questions: number[] = [];
  const read = together((ranges) => {
    questions.push(ranges.length);
    const bytes = ranges.map(({ offset, length }) => new Uint8Array(length).fill(offset).buffer);
    return Promise.resolve(bytes);
  });
  return { questions, read };
}

test("what is read at one moment is asked for together, and each reader gets its own", async () => {
  const { questions, read } = countedReads();
  const found = await Promise.all([1, 2, 3].map((offset) => read(offset, 2 * offset)));
  assert.deepEqual(
    found.map((buffer) => [...new Uint8Array(buffer)]),
    [
      [1, 1],
      [2, 2, 2, 2],
      [3, 3, 3, 3, 3, 3],
    ],
  );
  assert.deepEqual(questions, [3]);
  await read(4, 1);
  assert.deepEqual(questions, [3, 1]);
});

test("no question asks for too much at once, but for a range that is longer itself", async () => {
  const { questions, read } = countedReads();
  const lengths = [2 ** 20, 2 ** 17, 2 ** 17, 1];
  const found = await Promise.all(lengths.map((length, offset) => read(offset, length)));
  assert.deepEqual(
    found.map(({ byteLength }) => byteLength),
    lengths,
  );
  assert.deepEqual(questions, [1, 2, 1]);
});
