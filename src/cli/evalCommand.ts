import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { EngineProcess } from "../client/engine/engineProcess";
import type { ModelInfo } from "../shared/wire/engineApi";
import { inFile } from "../shared/settings/cacheInFiles";
import { isPolicy, type PolicyName, policyNames } from "../shared/settings/policies";
import { settleCache, settleSampling } from "../shared/settings/settings";
import type { Arguments, Command } from "./arguments";
import {
  deviceOption,
  fullActivationsOption,
  measureDevicesOption,
  jsonOption,
  loadParams,
  modelOption,
  withEngine,
} from "./engine";
import { type ExitCode, exitCodes, UsageError } from "./exitCodes";
import { budgetOf, cacheChoice, cacheOptions, samplingChoice } from "./generationOptions";
import { LiveView } from "./liveView";
import { table } from "./table";
import { aside, output } from "./terminal";
import { allAlike } from "./voteWords";
import { bytes as formatBytes, duration } from "../shared/units";
import { unwritten } from "../disk/writeError";
import { accuracyPlot } from "./eval/accuracyPlot";
import { type Cell, cellResult, type CellResult, cellsOf, fullCell, isOf } from "./eval/grid";
import { dataset, type EvalProblem, familyProblems } from "./eval/problems";
import { ResultsFile } from "./eval/resultsFile";
import { answer, type EvalSettings, type Task } from "./eval/worker";

export const evalCommand: Command = {
  name: "eval",
  operands: "",
  summary: "Measure accuracy by policy and budget.",
  notes: `Problems are held-out ones of the bundled model's family, never seen in its training, or a data set's.
A budget of N% is N percent of the mean length of the full-cache chains (prompt not counted), as in
the paper, turned into a count of slots; so the full cache is measured first. An answer that ended at
a limit counts as wrong.

With --chains, right is what the chains of a problem voted, and all of them are decoded to their end.

JSON fields: model, device, problems, meanChain, cells; each cell: policy, budget, slots, problems, right,
accuracy, interval (95 %, Wilson), meanTokens, truncated, meanCompactions, uncompacted, meanKvBytes, meanSeconds; with
--chains also meanAccuracy, of the chains each by itself, and differing, the problems on which they differ.`,
  options: {
    model: modelOption,
    policies: { value: "A,B", help: `Of ${policyNames.join(", ")} (default full,rkv).` },
    budgets: { value: "N,N%", help: "Counts or shares (default 128,256,34%)." },
    problems: { value: "N", help: "Problems a cell (default 50; of a data set, all)." },
    dataset: {
      value: "FILE",
      help: "JSON array or lines with question or problem, and answer or solution.",
    },
    ...cacheOptions,
    temperature: { value: "X", help: "0 to 5 (default 0: greedy; 0.6 with --chains)." },
    "top-p": { value: "X", help: "0 to 1 (default 0.95)." },
    seed: { value: "N", help: "Draws the problems, and the tokens if not greedy (default 0)." },
    "max-tokens": { value: "N", help: "Longest reply (default 8192)." },
    chains: { value: "N", help: "Chains of each problem, which vote; sampled (default 1)." },
    jobs: { value: "N", help: "Engines at work at once (default 1)." },
    out: { value: "FILE", help: "Append every outcome as a JSON line, and go on from there." },
    plot: { value: "FILE", help: "Draw accuracy by budget as an SVG." },
    device: deviceOption,
    "full-activations": fullActivationsOption,
    "measure-devices": measureDevicesOption,
    json: jsonOption,
  },
  run: runEval,
};

async function runEval(args: Arguments): Promise<ExitCode> {
  if (args.operands.length > 0)
    throw new UsageError(`“${args.operands[0]}” is too much: eval takes options only.`);
  const policies = policiesOf(args);
  const budgets = listOf(args.text("budgets") ?? "128,256,34%").map((text) => budgetOf(text)!);
  const settings = await settingsOf(args);
  if (settings.chains && settings.sampling.temperature === 0) aside.say(allAlike);
  const load = loadParams(args);
  const { problems, ...same } = settings;
  const asked = {
    model: path.basename(load.folder),
    fullActivations: load.fullActivations || undefined,
    ...same,
    cache: inFile(same.cache),
    problems: fingerprint(problems),
  };
  const results = await ResultsFile.open(args.text("out"), asked);
  const view = new LiveView(aside, aside, process.env);

  return withEngines(args.integer("jobs", [1, 64]) ?? 1, async (engines) => {
    const [info] = await Promise.all(engines.map((engine) => engine.request("load", load)));
    const together = Math.max(1, Math.floor(batchSize(info) / (settings.chains ?? 1)));
    const measure = (cells: Cell[]) =>
      measureCells(engines, cells, { ...settings, together }, results, view);
    const needsFull = policies.includes("full") || budgets.some(({ kind }) => kind === "share");
    if (needsFull) await measure([fullCell]);
    const meanChain = cellResult(fullCell, results.outcomes).meanTokens;
    const cells = cellsOf(policies, budgets, settings.cache.observationWindow, meanChain);
    await measure(cells);
    view.finish();

    const all = (needsFull ? [fullCell] : []).concat(cells);
    const report = all.map((cell) => cellResult(cell, results.outcomes));
    const plot = args.text("plot");
    if (plot !== undefined)
      await writeFile(plot, accuracyPlot(report, meanChain)).catch(unwritten(plot));
    const { name: model, device } = info;
    const summary = { model, device, problems: problems.length, meanChain, cells: report };
    if (args.flag("json")) output.json(summary);
    else output.say(...reportInWords(report));
    return exitCodes.done;
  });
}

/** So that results are continued only with the very same problems. */
function fingerprint(problems: EvalProblem[]): string {
  return createHash("sha256").update(JSON.stringify(problems)).digest("hex").slice(0, 16);
}

async function settingsOf(args: Arguments): Promise<EvalSettings> {
  const count = args.integer("problems", [1, 1_000_000]);
  const file = args.text("dataset");
  const seed = args.integer("seed", [0, 0xffff_ffff]) ?? 0;
  const chains = args.integer("chains", [1, 64]) ?? 1;
  return {
    problems:
      file === undefined
        ? familyProblems(seed, count ?? 50)
        : await dataset(file, count ?? Infinity),
    cache: settleCache(cacheChoice(args)),
    sampling: settleSampling(samplingChoice(args), { temperature: 0 }, chains),
    maxTokens: args.integer("max-tokens", [1, 10_000_000]) ?? 8192,
    // Absent, so that results of one chain go on from files that do not name it.
    chains: chains === 1 ? undefined : chains,
  };
}

function policiesOf(args: Arguments): PolicyName[] {
  return listOf(args.text("policies") ?? "full,rkv").map((word) => {
    if (isPolicy(word)) return word;
    throw new UsageError(`There is no policy “${word}”; there are ${policyNames.join(", ")}.`);
  });
}

function listOf(text: string): string[] {
  return text.split(",").map((word) => word.trim().toLowerCase());
}

async function withEngines<T>(
  count: number,
  work: (engines: EngineProcess[]) => Promise<T>,
): Promise<T> {
  const more = async (engines: EngineProcess[]): Promise<T> =>
    engines.length === count ? work(engines) : withEngine((engine) => more([...engines, engine]));
  return more([]);
}

/** A batch holds the caches of all its answers, so a large model answers one by one. */
function batchSize({ bytesPerToken }: ModelInfo): number {
  return Math.min(32, Math.max(1, Math.floor(98_304 / bytesPerToken)));
}

/** Each engine takes the next task that nobody has; outcomes that are there already are not redone. */
async function measureCells(
  engines: EngineProcess[],
  cells: Cell[],
  settings: EvalSettings & { together: number },
  results: ResultsFile,
  view: LiveView,
): Promise<void> {
  const tasks = cells.flatMap((cell) => openTasks(cell, settings, results));
  const total = tasks.reduce((sum, { problems }) => sum + problems.length, 0);
  const began = performance.now();
  let next = 0;
  let done = 0;
  const work = async (engine: EngineProcess): Promise<void> => {
    while (next < tasks.length) {
      const task = tasks[next++];
      for (const outcome of await answer(engine, settings, task)) await results.add(outcome);
      done += task.problems.length;
      const left = ((performance.now() - began) / done) * (total - done);
      const { right, problems } = cellResult(task.cell, results.outcomes);
      view.progress(
        `${done} of ${total} answers · ${task.cell.policy} ${task.cell.budget}: ${right} of ${problems} right · ${duration(left)} left`,
      );
    }
  };
  await Promise.all(engines.map(work));
}

/** Questions of like length stand together, since they end at about the same time. */
function openTasks(
  cell: Cell,
  { problems, together }: EvalSettings & { together: number },
  results: ResultsFile,
): Task[] {
  const done = new Set(
    results.outcomes.filter((each) => isOf(cell, each)).map(({ problem }) => problem),
  );
  const open = [...problems.keys()]
    .filter((problem) => !done.has(problem))
    .sort((a, b) => problems[a].question.length - problems[b].question.length);
  return Array.from({ length: Math.ceil(open.length / together) }, (_, i) => ({
    cell,
    problems: open.slice(i * together, (i + 1) * together),
  }));
}

function reportInWords(report: CellResult[]): string[] {
  const isVoted = report.some(({ meanAccuracy }) => meanAccuracy !== undefined);
  const head = [
    "policy",
    "budget",
    "slots",
    "right",
    "of",
    "accuracy",
    "95 %",
    ...(isVoted ? ["one chain", "differ"] : []),
    "tokens",
    "cut off",
    "compactions",
    "cache",
  ];
  return table(
    head,
    report.map((cell) => [
      cell.policy,
      cell.budget,
      cell.slots === undefined ? "–" : String(cell.slots),
      String(cell.right),
      String(cell.problems),
      share(cell.accuracy),
      cell.interval.map((end) => (100 * end).toFixed(1)).join("–"),
      ...(isVoted ? [share(cell.meanAccuracy ?? 0), String(cell.differing)] : []),
      cell.meanTokens.toFixed(0),
      String(cell.truncated),
      cell.meanCompactions.toFixed(1),
      formatBytes(cell.meanKvBytes),
    ]),
  );
}

function share(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
