/** What the pages name is there: files, headings, scripts and tests. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...readdirSync("docs").map((name) => `docs/${name}`),
].map((file) => ({ file, text: readFileSync(file, "utf8") }));

const notOurs = ["node_modules", "dist", ".git"];
const folders = readdirSync(".", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !notOurs.includes(entry.name))
  .map(({ name }) => name);
const files = [
  ...readdirSync("."),
  ...folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
      path.posix.join(folder, name.replaceAll("\\", "/")),
    ),
  ),
];

/** Of all pages: what the expression's group found that `isThere` does not know, with its page. */
function missing(
  expression: RegExp,
  isThere: (found: string, page: { file: string; text: string }) => boolean,
): string[] {
  const found = pages.flatMap((page) =>
    [...page.text.matchAll(expression)].map(([, name]) => ({ page, name })),
  );
  assert.ok(found.length >= 5, `${found.length} found`);
  return found
    .filter(({ page, name }) => !isThere(name, page))
    .map(({ page, name }) => `${page.file}: ${name}`);
}

/** As GitHub makes the anchors of headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every link to a file or a heading has its end", () => {
  const leads = (target: string, page: { file: string; text: string }): boolean => {
    const [name, anchor] = target.split("#");
    const file = name ? path.join(path.dirname(page.file), name) : page.file;
    return existsSync(file) && (!anchor || anchors(readFileSync(file, "utf8")).includes(anchor));
  };
  assert.deepEqual(missing(/\]\((?!https:)([^)\s]+)\)/g, leads), []);
});

test("every file and folder of ours that stands in backticks is there", () => {
  const isPlace = (name: string): boolean =>
    !folders.includes(name.split("/")[0] ?? "") || existsSync(name);
  assert.deepEqual(missing(/`([\w.-]+\/[\w./-]*)`/g, isPlace), []);
  const isFile = (name: string): boolean => files.some((file) => `/${file}`.endsWith(`/${name}`));
  assert.deepEqual(missing(/`([\w./-]+\.(?:ts|mjs|py|json))`/g, isFile), []);
});

test("every script, bench and test that the pages name can be run", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object };
  assert.deepEqual(
    missing(/npm run ([\w:]+)/g, (name) => name in scripts),
    [],
  );
  const isBench = (name: string): boolean => name === "WORD" || existsSync(`bench/${name}.ts`);
  assert.deepEqual(missing(/npm run bench -- ([\w-]+)/g, isBench), []);
  const isTest = (word: string): boolean =>
    word === "WORD" || files.some((file) => file.endsWith(".test.ts") && file.includes(word));
  assert.deepEqual(missing(/npm test -- ([\w./-]+)/g, isTest), []);
});
