/**
 * What the Worker's time limit cannot stop. V8 ends the whole process, not the Worker, when a text
 * is split into more than 2^27 pieces, and a replacement in a long text runs to its end before the
 * Worker does; templates and normalizers can double a text that far in no time. Here they throw.
 */
const longestSplit = 1 << 24;
/** Characters, if every one of the text were replaced. */
const longestReplacement = 1 << 23;

export function guardStrings(): void {
  const split = Reflect.get(String.prototype, "split");
  define("split", function (this: string, ...by: Parameters<string["split"]>): string[] {
    if (this.length > longestSplit) throw new RangeError("a text grew too long to be split");
    return split.apply(this, by);
  });
  const replaceAll = Reflect.get(String.prototype, "replaceAll");
  define("replaceAll", function (this: string, ...by: Parameters<string["replaceAll"]>): string {
    if (this.length * Math.max(1, String(by[1]).length) > longestReplacement)
      throw new RangeError("a text grew too long for a replacement");
    return replaceAll.apply(this, by);
  });
}

function define(name: "split" | "replaceAll", value: unknown): void {
  Object.defineProperty(String.prototype, name, { value });
}
