/**
 * How many slots a KV head holds after a compaction, observation window included:
 * a count, a share of the tokens so far, or everything.
 */
export type Budget =
  { kind: "count"; slots: number } | { kind: "share"; percent: number } | { kind: "full" };

/** Slots of one KV head; more than any model's context. */
export const largestBudget = 1_048_576;

/** What is offered to choose from, as written; the shares are those of the paper's tables. */
export const budgetPresets = "128 256 512 1024 2048 4096 10% 16% 34% full".split(" ");

/** Reads "512", "34%" or "full". Throws a RangeError that says what is wrong and what would be right. */
export function parseBudget(text: string): Budget {
  const word = text.trim().toLowerCase();
  if (word === "full") return { kind: "full" };
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(word);
  const value = match ? Number(match[1]) : NaN;
  if (match?.[2] === "%" && value > 0 && value <= 100) return { kind: "share", percent: value };
  if (match?.[2] === "" && Number.isInteger(value) && value >= 1 && value <= largestBudget)
    return { kind: "count", slots: value };
  throw new RangeError(
    `The budget “${text}” is not one: give a whole number of slots from 1 to ${largestBudget}, a share such as 34%, or full.`,
  );
}

/** As it is written: “512”, “34%” or “full”. */
export function formatBudget(budget: Budget): string {
  switch (budget.kind) {
    case "full":
      return "full";
    case "share":
      return `${budget.percent}%`;
    case "count":
      return String(budget.slots);
    default:
      return budget satisfies never;
  }
}

/** A written budget as a person reads it: “512”, “34 %” or “Full”. */
export function budgetLabel(value: string): string {
  return value === "full" ? "Full" : value.replace("%", " %");
}
