/** What the measured stream says: prose, lists, long code, tables and formulas in turns. */
export const tokensPerSecond = 500;
export const thinkingTokens = 5 * tokensPerSecond;
const allTokens = 60 * tokensPerSecond;

const prose = `Let $x_{n+1} = \\frac{a x_n + b}{c x_n + d}$ be **the step**; it converges where
$|f'(x)| < 1$, as \`isStable\` checks, and [the proof](https://example.org/proof) says why.\n\n`;

function list(items: number): string {
  const item = (index: number): string =>
    `${index}. With $k = ${index}$ the sum is $\\sum_{i=1}^{${index}} i^2 = ${index ** 3}$, so \`s[${index}]\` holds.\n`;
  return Array.from({ length: items }, (_, index) => item(index + 1)).join("") + "\n";
}

function code(lines: number): string {
  const line = (index: number): string =>
    `  const value${index}: number = compute("${index}", ${index} * 2); // step ${index}\n`;
  const body = Array.from({ length: lines }, (_, index) => line(index)).join("");
  return `\`\`\`ts\nexport function steps(): void {\n${body}}\n\`\`\`\n\n`;
}

const table = `| k | sum |\n|---|---:|\n${"| 12 | $\\frac{1}{2}$ |\n".repeat(20)}\n`;
const display =
  "$$\n\\int_0^1 \\frac{\\sin x}{x}\\,dx = \\sum_{k=0}^\\infty \\frac{(-1)^k}{(2k+1)(2k+1)!}\n$$\n\n";

/** Pieces of four characters, as tokens about are. */
export function streamedTokens(): string[] {
  const chain = "Wait, check that again: 12 + 30 is 42, so the next one holds.\n".repeat(400);
  const section = `## A part\n\n${prose.repeat(4)}${list(80)}${code(120)}${table}${display}`;
  const characters = 4 * allTokens;
  const answer = section.repeat(Math.ceil(characters / section.length));
  const text = chain.slice(0, 4 * thinkingTokens) + answer;
  return text.slice(0, characters).match(/[^]{1,4}/g) ?? [];
}
