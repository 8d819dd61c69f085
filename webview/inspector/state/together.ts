import type { ByteRange } from "../../../src/shared/wire/inspectorApi";

/** Bytes that one question asks for; what is more goes into another one, on its way meanwhile. */
const bytesPerQuestion = 2 ** 18;

/** What is read at the same time is asked for together: a layer's keys lie in a hundred places. */
export function together(
  ask: (ranges: ByteRange[]) => Promise<ArrayBuffer[]>,
): (offset: number, length: number) => Promise<ArrayBuffer> {
  let open: { ranges: ByteRange[]; bytes: number; answer: Promise<ArrayBuffer[]> } | undefined;
  return async (offset, length) => {
    if (!open || open.bytes + length > bytesPerQuestion) {
      const ranges: ByteRange[] = [];
      const answer = Promise.resolve().then(() => {
        if (open?.ranges === ranges) open = undefined;
        return ask(ranges);
      });
      open = { ranges, bytes: 0, answer };
    }
    const { ranges, answer } = open;
    open.bytes += length;
    const place = ranges.push({ offset, length }) - 1;
    return (await answer)[place];
  };
}
