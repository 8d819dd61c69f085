/**
 * V8 ends the whole process, not the Worker, when a text is split into more than 2^27 pieces, and
 * a template can double a text that far in no time. In the Worker such a split throws instead.
 */
const longestSplit = 1 << 24;

export function guardSplit(): void {
  const split = Reflect.get(String.prototype, "split");
  const guarded = function (this: string, ...by: Parameters<string["split"]>): string[] {
    if (this.length > longestSplit) throw new RangeError("a text grew too long to be split");
    return split.apply(this, by);
  };
  Object.defineProperty(String.prototype, "split", { value: guarded });
}
