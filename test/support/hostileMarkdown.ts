/** Markdown that tries to fetch from the canary's address, to run something, or to look like a page of ours. */
export function hostile(canary: string): string[] {
  return [
    `![x](${canary}/image)`,
    `![x][r]\n\n[r]: ${canary}/reference`,
    `<img src="${canary}/html" onerror="window.ran=1">`,
    `<script>window.ran = 1</script><iframe src="${canary}/frame"></iframe>`,
    `<svg onload="window.ran=1"><image href="${canary}/svg"/></svg>`,
    `<style>body{background:url(${canary}/style)}</style>`,
    `[run](command:workbench.action.quit) [js](javascript:window.ran=1) [d](data:text/html,x)`,
    `[file](file:///etc/passwd) [code](vscode://x/y) [plain](${canary}/link)`,
    `[say "hi](https://e.org/"onmouseover="window.ran=1)`,
    `$\\href{javascript:window.ran=1}{x}$ $\\includegraphics{${canary}/tex}$`,
    `$$\\htmlStyle{background:url(${canary}/tex2)}{x}$$`,
    "```html\n<img src=x onerror=window.ran=1>\n```",
    '```x"onclick="window.ran=1\ncode\n```',
    `<${canary}/auto>`,
    `| a |\n|---|\n| ![](${canary}/cell) |`,
    `<a href="${canary}/a" ping="${canary}/ping">a</a><form action="${canary}/form">`,
  ];
}

/** Markdown that is cheap to write and dear to draw. */
export const heavy: Record<string, string> = {
  "a line of 1 MB": "word".repeat(250_000),
  "code of 1 MB in one line": "```ts\n" + "a+".repeat(500_000) + "\n```",
  "10,000 nested lists in one line": "- ".repeat(10_000) + "end",
  "nested lists, a line each": Array.from(
    { length: 1_000 },
    (_, depth) => `${" ".repeat(2 * depth)}- x\n`,
  ).join(""),
  "10,000 nested quotes": ">".repeat(10_000) + " end",
  "20,000 brackets": "[".repeat(20_000) + "]".repeat(20_000),
  "20,000 beginnings of emphasis": "*a **b ".repeat(20_000),
  "backticks in 200 lengths": Array.from(
    { length: 200 },
    (_, length) => "`".repeat(length) + " ",
  ).join(""),
  "30,000 beginnings of formulas": "\\( \\[ $a ".repeat(10_000),
  "a table of 4,000 cells": `|a|b|\n|-|-|\n${"|1|2|\n".repeat(2_000)}`,
  "a formula of any size":
    "$\\rule{9999em}{9999em} \\kern{99999em} \\Huge{x} \\hspace{-9999em} \\raisebox{999em}{y}$",
  "a formula nested 300 deep": `$${"\\sqrt{".repeat(300)}x${"}".repeat(300)}$`,
  "a formula that grows by its macros":
    "$\\def\\a{xx}\\def\\b{\\a\\a}\\def\\c{\\b\\b}\\def\\d{\\c\\c\\c\\c\\c\\c\\c\\c}\\d\\d\\d\\d\\d\\d\\d\\d\\d$",
};
