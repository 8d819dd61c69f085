/** What the editor and the workflows run is what the repository has. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { load } from "js-yaml";
import { debugPort, debugPortName } from "../src/client/engine/engineEnvironment";

interface Step {
  run?: string;
  uses?: string;
}
interface Job {
  permissions?: object;
  "timeout-minutes"?: number;
  strategy?: { matrix: Record<string, string[]> };
  steps: Step[];
}
interface Workflow {
  permissions: object;
  jobs: Record<string, Job>;
}
interface Task {
  label: string;
  script: string;
  problemMatcher: { background: { beginsPattern: string; endsPattern: string } };
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

const { scripts } = json<{ scripts: Record<string, string> }>("package.json");
const { tasks } = json<{ tasks: [Task] }>(".vscode/tasks.json");
const workflowsFolder = ".github/workflows";
const workflows = readdirSync(workflowsFolder).map((file) => ({
  file,
  text: readFileSync(path.join(workflowsFolder, file), "utf8"),
}));
const jobs = workflows.flatMap(({ file, text }) =>
  Object.entries((load(text) as Workflow).jobs).map(([name, job]) => ({
    at: `${file} ${name}`,
    job,
  })),
);

function matrixOf(script: string, name: string): string[] | undefined {
  const { job } =
    jobs.find(({ job }) => job.steps.some(({ run }) => run?.startsWith(script))) ?? {};
  return job?.strategy?.matrix[name];
}

test("workflows read and no more, but for the one job that makes the release", () => {
  for (const { file, text } of workflows)
    assert.deepEqual((load(text) as Workflow).permissions, { contents: "read" }, file);
  const more = jobs.filter(({ job }) => job.permissions !== undefined);
  assert.deepEqual(
    more.map(({ at, job }) => [at, job.permissions]),
    [["release.yml release", { contents: "write" }]],
  );
  assert.ok(
    more.every(({ job }) =>
      job.steps.every(({ run = "gh release " }) => run.startsWith("gh release ")),
    ),
  );
});

test("every job has its time limit, and every action is pinned by its commit", () => {
  for (const { at, job } of jobs) assert.ok(job["timeout-minutes"], at);
  const uses = workflows.flatMap(({ text }) => [...text.matchAll(/uses: (.*)/g)]);
  assert.ok(uses.length > 0);
  for (const [, action] of uses)
    assert.match(action ?? "", /^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

/** Read, not imported: the attacks import all of the program. */
function attackIds(): string[] {
  return readdirSync("test/attack").flatMap((file) =>
    [...readFileSync(`test/attack/${file}`, "utf8").matchAll(/^ {2}id: "(T\d+)",$/gm)].flatMap(
      ([, id]) => id ?? [],
    ),
  );
}

test("what the workflows run is there", () => {
  const own = jobs.flatMap(({ job }) => job.steps.flatMap(({ run }) => run ?? []));
  const named = own.filter((run) => run.startsWith("npm ") && run !== "npm ci");
  assert.ok(named.length >= 7);
  for (const run of named) {
    const name = /^npm (?:run )?([\w:]+)/.exec(run)?.[1] ?? run;
    assert.ok(name in scripts, run);
  }
  for (const name of matrixOf("npm run bench", "what") ?? [""])
    assert.ok(existsSync(`bench/${name}.ts`), name);
  assert.deepEqual(matrixOf("npm run attack", "id")?.toSorted(), attackIds().sort());
});

test("what package.json calls a script is a file", () => {
  for (const [name, line] of Object.entries(scripts)) {
    const file = /^node (\S+)/.exec(line)?.[1];
    assert.ok(file === undefined || existsSync(file), name);
  }
});

test("F5 starts a task that is there, and opens the engine to the debugger that waits for it", () => {
  const { configurations } = json<{
    configurations: { name: string; port?: number; preLaunchTask?: string; env?: object }[];
  }>(".vscode/launch.json");
  const [extension, engine] = configurations;
  assert.equal(extension?.preLaunchTask, tasks[0].label);
  assert.ok(tasks[0].script in scripts);
  assert.deepEqual(extension.env, { [debugPortName]: String(engine?.port) });
  assert.equal(debugPort({ ...extension.env }), engine?.port);
  assert.equal(debugPort({ [debugPortName]: "" }), undefined);
});

test(
  "the task's matcher knows the lines around a watching build",
  { timeout: 60_000 },
  async () => {
    const outdir = mkdtempSync(path.join(tmpdir(), "rkv-lens-watch-"));
    const how = JSON.stringify({
      outdir,
      without: ["extension", "engine", "cli", "webview/chat", "webview/inspector"],
    });
    const script = `import { watchAll } from "./esbuild.mjs"; await watchAll(${how});`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script, "watch"]);
    const { beginsPattern, endsPattern } = tasks[0].problemMatcher.background;
    try {
      const lines: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        if (new RegExp(endsPattern).test(line)) break;
      }
      assert.equal(lines.length, 2, lines.join("\n"));
      assert.match(lines[0] ?? "", new RegExp(beginsPattern));
      assert.deepEqual(readdirSync(outdir).sort(), ["textWorker.js", "textWorker.js.map"]);
    } finally {
      const gone = once(child, "exit");
      child.kill();
      await gone;
      rmSync(outdir, { recursive: true });
    }
  },
);
