/**
 * npm test: types, lint, format, and every *.test.ts under test/ by node:test, on a fresh clone too.
 * `node scripts/test.mjs WORD…` runs only the test files whose path contains one of the words,
 * without the static checks, and although some bundle may not build.
 */
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { bundleForNode } from "./bundle.mjs";
import { buildIfStale, setUp, succeeds } from "./setup.mjs";

const nodeTest = [
  "--enable-source-maps",
  "--test",
  "--test-reporter=spec",
  "--test-timeout=300000",
  // Two at a time also on two cores, where Node takes one: most tests wait more than they compute.
  `--test-concurrency=${Math.max(2, availableParallelism() - 1)}`,
];
const words = process.argv.slice(2);
setUp();
if (!(await buildIfStale()) && words.length === 0) process.exit(1);

const failed = words.length > 0 ? [] : staticChecks();
if (!(await testsPass())) failed.push("tests");
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}.`);
  process.exit(1);
}

function staticChecks() {
  const checks = [
    ["types", ["typescript/bin/tsc", "-p", "."]],
    ["webview types", ["typescript/bin/tsc", "-p", "webview"]],
    ["lint", ["eslint/bin/eslint.js", "."]],
    ["format", ["prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."]],
  ];
  return checks
    .filter(([, [tool, ...args]]) => !succeeds(process.execPath, [`node_modules/${tool}`, ...args]))
    .map(([name]) => name);
}

async function testsPass() {
  const tests = testFiles();
  if (tests.length === 0) {
    console.error(`No test file has ${words.join(" or ")} in its path; look in test/.`);
    return false;
  }
  await mkdir("dist", { recursive: true });
  const outdir = await mkdtemp("dist/test-");
  try {
    const entryPoints = tests.map((file) => path.join("test", file));
    const alias = { vscode: "./test/support/fakeVscode.ts" };
    await bundleForNode({ entryPoints, outdir, outbase: "test", alias });
    const bundles = tests.map((file) => path.join(outdir, file.replace(/\.ts$/, ".js")));
    return succeeds(process.execPath, [...nodeTest, ...bundles]);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

function testFiles() {
  return readdirSync("test", { recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => words.length === 0 || words.some((word) => isNamedBy(word, file)))
    .sort();
}

/** A word may be the whole path, as an editor gives it, and have slashes on Windows too. */
function isNamedBy(word, file) {
  return path.join("test", file).includes(path.normalize(word));
}
