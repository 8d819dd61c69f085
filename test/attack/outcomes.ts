/** What came of the attacks, for a terminal and for docs/trust.md. */
import { table } from "../../src/cli/table";
import type { Attack } from "./attack";

export interface Outcome {
  attack: Attack;
  result: "held" | "FELL" | "not here" | "stopped";
  seen: string;
  millis: number;
}

export function inLines(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ attack, result, seen, millis }) => [
    ...[attack.id, result, inWords(millis)],
    seen === "" ? attack.what : `${attack.what}: ${seen}`,
  ]);
  const sums = (["held", "FELL", "not here", "stopped"] as const)
    .map((result) => ({ result, count: outcomes.filter((one) => one.result === result).length }))
    .filter(({ count }) => count > 0);
  const sum = sums.map(({ result, count }) => `${count} ${result}`).join(", ");
  const head = ["", "result", "took", "what was tried, and what was seen"];
  return [...table(head, rows), "", sum].join("\n");
}

export function inMarkdown(outcomes: readonly Outcome[]): string {
  const line = (cells: string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rows = outcomes.map(({ attack, result, seen, millis }) =>
    line([attack.id, attack.what, attack.goal, result, seen, inWords(millis)]),
  );
  const head = ["", "what is tried", "what must hold", "result", "what was seen", "took"];
  return [line(head), line(head.map(() => "---")), ...rows].join("\n");
}

function inWords(millis: number): string {
  const seconds = Math.round(millis / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
