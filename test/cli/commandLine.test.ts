/** The CLI as a stranger meets it: a child process, its output and its exit code. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { policyNames } from "../../src/shared/settings/policies";
import { bytesInMemory } from "../../src/shared/trace/byteSource";
import { TraceReader } from "../../src/shared/trace/reader";

const script = path.resolve("dist/cli.js");
const question =
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";
const exports = path.resolve("test/fixtures/exports");
const golden = path.resolve("test/fixtures/golden");
const onCpu = ["--device", "cpu"];
const small = ["--greedy", "--budget", "48", "--buffer", "16", "--max-tokens", "120", ...onCpu];

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "rkv-cli-"));
});
after(() => rm(folder, { recursive: true }));

function cli(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: 240_000,
  });
  return { code: status, out: stdout, err: stderr };
}

function json(...args: string[]): Record<string, unknown> {
  const { code, out, err } = cli(...args, "--json");
  assert.equal(code, 0, err);
  return JSON.parse(out) as Record<string, unknown>;
}

test("run --json prints one object with every documented field", () => {
  const result = json("run", question, ...small);
  for (const field of [
    ..."text thinking answer tokenIds tokens promptTokens tokensPerSecond compactions".split(" "),
    ..."evicted retained kvBytes kvBytesFull device deviceReasons stopReason".split(" "),
  ])
    assert.ok(field in result, field);
  assert.equal(result.tokens, 120);
  assert.equal((result.tokenIds as number[]).length, 120);
  assert.equal(result.stopReason, "length");
  assert.ok((result.compactions as number) > 0);
  assert.ok((result.kvBytes as number) < (result.kvBytesFull as number));
});

test("run --vote prints what most chains answer, and has every chain in JSON", () => {
  const asked = ["run", question, "--chains", "3", "--vote", ...onCpu];
  const { vote, chains, text } = json(...asked) as {
    vote: { answer: string; agree: number; of: number; chains: number[] };
    chains: { text: string }[];
    text: string;
  };
  assert.equal(vote.of, 3);
  assert.equal(chains.length, 3);
  assert.equal(text, chains[vote.chains[0]].text);
  const { out } = cli(...asked);
  assert.match(out, new RegExp(`^${vote.answer} \\(${vote.agree} of 3 agree\\)$`, "m"));
  assert.match(cli("run", question, "--vote").err, /--vote needs chains that vote/);
  const alike = cli(...asked, "--greedy", "--max-tokens", "2");
  assert.match(alike.err, /At temperature 0 all chains say the same/);
  assert.match(alike.out, /No chain came to an answer/);
});

test("run writes text to standard output, progress to standard error, and a trace", () => {
  const { code, out, err } = cli("run", question, ...small, "--trace", "run.rkvtrace");
  assert.equal(code, 0, err);
  assert.match(out, /Hal/);
  assert.match(err, /tokens\/s/);
  assert.ok(!(out + err).includes("\u001b"), "no escape sequences outside of a terminal");
  const summary = json("trace", "run.rkvtrace");
  assert.deepEqual(
    (summary.chains as { tokens: number; compactions: number }[]).map(({ tokens }) => tokens),
    [120],
  );
  assert.ok(cli("trace", "run.rkvtrace", "--csv").out.split("\n").length > 1000);
});

test("trace --figure draws views of a trace, and says what is wrong with what was asked", async () => {
  const trace = path.resolve("test/fixtures/traces/rkv.rkvtrace");
  const figure = (...args: string[]) => cli("trace", trace, "--figure", ...args);
  const drawn = figure("map,why", "--columns", "2", "--token", "30", "--out", "two.svg");
  assert.deepEqual([drawn.code, drawn.out, drawn.err], [0, "", "Wrote two.svg.\n"]);
  const svg = await readFile(path.join(folder, "two.svg"), "utf8");
  assert.match(svg, /^<svg [^>]*width="174.89mm".*\(a\) Retention<.*\(b\) Why.*rkv\.rkvtrace/);
  assert.equal(figure("why", "--compaction", "1", "--layer", "1", "--out", "why.csv").code, 0);
  assert.match(await readFile(path.join(folder, "why.csv"), "utf8"), /^rank,position,token,score,/);
  const wrong: Record<string, RegExp> = {
    "nothing --out a.svg": /^There is no view “nothing”; there are text, map, /,
    "map --out a.png": /^PNG needs a browser: save as SVG here/,
    map: /^Say where to with --out/,
    "map --layer 9 --out a.svg": /^There is no layer 9: this run has layers 0 to \d+\./,
    "map --find zebra --out a.svg": /^No token of this run holds “zebra”/,
    "map,why --out a.csv": /^A CSV holds the numbers of one view/,
  };
  for (const [asked, words] of Object.entries(wrong)) {
    const { code, err } = figure(...asked.split(" "));
    assert.deepEqual([code, words.test(err)], [64, true], err);
  }
  const empty = figure("compare", "--out", "a.svg");
  assert.deepEqual([empty.code, /^Compare has nothing to show: /.test(empty.err)], [1, true]);
  assert.match(cli("trace", trace, "--out", "a.svg").err, /^--out is for a figure/);
});

test("a question that the model was not made for is answered with a hint, in words and as JSON", () => {
  const asked = ["run", "What is the capital of France?", "--max-tokens", "2", ...onCpu];
  assert.match(cli(...asked).err, /^This model was made for word problems such as /m);
  assert.match(String(json(...asked).hint), /^This model was made for word problems such as /);
  assert.ok(!("hint" in json("run", question, "--max-tokens", "2", ...onCpu)));
});

test("without --budget, the model's own suggestion holds", async () => {
  const said = await readFile("media/model/rkv-lens.json", "utf8");
  const suggested = Number((JSON.parse(said) as { budget: string }).budget);
  const result = json("run", question, "--buffer", "16", "--max-tokens", "400", ...onCpu);
  assert.equal(result.tokens, 400);
  assert.ok((result.compactions as number) > 0);
  assert.ok((result.retained as number) <= suggested + 16);
});

test("the same seed gives the same tokens, and prompt ids need no template", async () => {
  const ids = path.join(folder, "ids.json");
  await writeFile(ids, JSON.stringify([5, 6, 7, 8]));
  const args = ["run", "--prompt-ids", ids, "--max-tokens", "20", ...onCpu];
  const tokensOf = (...more: string[]) => json(...args, ...more).tokenIds;
  const drawn = tokensOf("--temperature", "3", "--seed", "3");
  assert.deepEqual(tokensOf("--temperature", "3", "--seed", "3"), drawn);
  assert.notDeepEqual(tokensOf("--temperature", "3", "--seed", "4"), drawn);
  const own = json(...args, "--seed", "3");
  assert.equal(own.promptTokens, 4);
  assert.deepEqual(own.tokenIds, tokensOf("--greedy"), "the bundled model suggests greedy itself");
});

test("ids that end within the thinking are gone on from as the question itself is", async () => {
  const asked = json("run", question, ...small, "--trace", "asked.rkvtrace");
  const bytes = await readFile(path.join(folder, "asked.rkvtrace"));
  const ids: number[] = [];
  await (
    await TraceReader.open(bytesInMemory(bytes))
  ).refresh((item) => {
    if (item.type === "tokens" && item.isPrompt) ids.push(...item.ids);
  });
  await writeFile(path.join(folder, "asked.json"), JSON.stringify(ids));
  const own = json("run", "--prompt-ids", "asked.json", ...small);
  assert.notEqual(own.thinking, "");
  assert.deepEqual([own.thinking, own.answer], [asked.thinking, asked.answer]);
});

test("several chains of one prompt come back each on its own", () => {
  const limits = ["--max-tokens", "30", "--seed", "1", "--temperature", "5", "--top-p", "1"];
  const args = ["run", question, "--chains", "2", ...limits, ...onCpu];
  const { chains } = json(...args) as { chains: { tokenIds: number[] }[] };
  assert.deepEqual(
    chains.map(({ tokenIds }) => tokenIds.length),
    [30, 30],
  );
  assert.notDeepEqual(chains[0].tokenIds, chains[1].tokenIds);
});

test("Ctrl-C stops cleanly: code 130, the text so far, a trace with its end", async () => {
  // Many chains of noise: they do not all end by themselves before the signal comes.
  const noise = ["--chains", "16", "--temperature", "5", "--top-p", "1"];
  const args = ["run", question, "--policy", "full", ...noise, ...onCpu];
  const child = spawn(process.execPath, [script, ...args, "--trace", "stopped.rkvtrace"], {
    cwd: folder,
  });
  let out = "";
  child.stdout.on("data", (data: Buffer) => {
    if (out === "") child.kill("SIGINT");
    out += data.toString();
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 130);
  assert.notEqual(out, "");
  const reader = await TraceReader.open(
    bytesInMemory(await readFile(path.join(folder, "stopped.rkvtrace"))),
  );
  const types: string[] = [];
  await reader.refresh(({ type }) => types.push(type));
  assert.equal(types.at(-1), "end");
  assert.equal(reader.recovery.problem, undefined);
});

test("check tells a supported model by code 0 and a refused one by code 2", () => {
  const supported = json("check", path.join(exports, "optimum-qwen2"), ...onCpu);
  assert.equal(supported.supported, true);
  assert.ok((supported.maxLogitDifference as number) <= 1e-5);
  const refused = cli(
    "check",
    path.join(exports, "genai-smollm3-int4-cpu-v092"),
    ...onCpu,
    "--json",
  );
  assert.equal(refused.code, 2);
  const report = JSON.parse(refused.out) as { supported: boolean; reason: string };
  assert.equal(report.supported, false);
  assert.match(report.reason, /RotaryEmbedding.*empty input/);
});

test("verify passes every golden case", () => {
  const { code, out } = cli("verify", golden, ...onCpu);
  assert.equal(code, 0, out);
  assert.match(out, /9 of 9 cases pass/);
});

test("eval measures a cell for each policy and budget, and goes on where it was stopped", async () => {
  const args = ["eval", "--policies", "full,rkv", "--budgets", "64,50%", "--problems", "2"];
  const files = ["--out", "results.jsonl", "--plot", "plot.svg"];
  const limits = ["--max-tokens", "150", "--buffer", "16", ...onCpu];
  const first = json(...args, ...limits, ...files);
  const cells = first.cells as {
    policy: string;
    budget: string;
    slots?: number;
    problems: number;
  }[];
  assert.deepEqual(
    cells.map(({ policy, budget, problems }) => [policy, budget, problems]),
    [
      ["full", "full", 2],
      ["rkv", "64", 2],
      ["rkv", "50%", 2],
    ],
  );
  assert.equal(cells[2].slots, Math.round((first.meanChain as number) / 2));
  assert.match(await readFile(path.join(folder, "plot.svg"), "utf8"), /^<svg[\s\S]*R-KV<\/text>/);

  const lines = (await readFile(path.join(folder, "results.jsonl"), "utf8")).trimEnd().split("\n");
  assert.equal(lines.length, 1 + 6);
  assert.match(lines[0], /"window":8/, "the word of results that were written before");
  await writeFile(path.join(folder, "results.jsonl"), `${lines.slice(0, 5).join("\n")}\n{"pol`);
  assert.deepEqual(
    (json(...args, ...limits, ...files).cells as { right: number }[]).map(({ right }) => right),
    (cells as unknown as { right: number }[]).map(({ right }) => right),
  );
  const other = cli(...args, "--seed", "9", ...limits, ...files);
  assert.equal(other.code, 64);
  assert.match(other.err, /other options/);
});

test("what is wrong with a command line is said in one sentence that names what is right", () => {
  const mistakes: [string[], RegExp][] = [
    [["rnu"], /no command “rnu”; did you mean run\?/],
    [["run", "hi", "--bugdet", "1"], /no option --bugdet; did you mean --budget\?/],
    [["run", "hi", "--budget", "many"], /“many”.*whole number of slots/],
    [["run", "hi", "--lambda", "2"], /--lambda.*from 0 to 1/],
    [
      ["run", "hi", "--policy", "best"],
      new RegExp(`--policy.*: give one of ${policyNames.join(", ")}`),
    ],
    [["run", "hi", "--json=yes"], /--json takes no value/],
    [["run", "hi", "--seed"], /--seed needs a value/],
    [["run"], /question is missing/],
    [["run", "hi", "--model", "nowhere"], /no folder .*nowhere/],
    [["check"], /model folder is missing/],
    [["eval", "--policies", "rkv,best"], /no policy “best”/],
    [["trace", "a", "--json", "--csv"], /not both/],
    [["trace", "nowhere"], /no file .*nowhere; give a trace/],
    [["replay", "nowhere"], /no file .*nowhere; give a trace/],
    [["serve", "nowhere"], /no file .*nowhere; give a trace/],
  ];
  for (const [args, expected] of mistakes) {
    const { code, out, err } = cli(...args);
    assert.equal(code, 64, args.join(" "));
    assert.match(err, expected);
    assert.equal(err.trimEnd().split("\n").length, 1, err);
    assert.equal(out, "");
  }
});

test("a file that is no trace fails with a sentence", async () => {
  await writeFile(path.join(folder, "letter.txt"), "Dear reader, this is not a trace at all.");
  const { code, err } = cli("trace", "letter.txt");
  assert.equal(code, 1);
  assert.match(err, /not an R-KV Lens trace/);
});

test("output that nobody takes any more is told, and ends with 74", async () => {
  const shape = ["--tokens", "3000", "--layers", "2", "--compactions", "10", "--budget", "500"];
  assert.equal(cli("trace", "synthesize", "long.rkvtrace", ...shape).code, 0);
  const args = [script, "trace", "long.rkvtrace", "--csv"];
  const child = spawn(process.execPath, args, { cwd: folder });
  child.stdout.once("data", () => child.stdout.destroy());
  let err = "";
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 74);
  assert.match(
    err,
    /^The output cannot be written \(.*EPIPE\): let its reader take all of it\.\n$/,
  );
});

const noFullDisk = existsSync("/dev/full") ? false : "needs /dev/full, a disk that is always full";
test("a full disk under either output changes the exit code", { skip: noFullDisk }, () => {
  const made = ["trace", "synthesize", "short.rkvtrace", "--tokens", "100", "--layers", "2"];
  const into = (stream: string, ...args: string[]) =>
    spawnSync(
      "/bin/sh",
      ["-c", `exec "$0" "$@" ${stream}>/dev/full`, process.execPath, script, ...args],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
  assert.equal(into("2", ...made).status, 74, "its last word is lost");
  const { status, stderr } = into("1", "trace", "short.rkvtrace");
  assert.equal(status, 74);
  assert.match(stderr, /^The output cannot be written \(ENOSPC.*\): free some space there\.\n$/);
});

test("every command explains itself", () => {
  for (const command of ["run", "serve", "check", "verify", "eval", "trace", "replay"]) {
    assert.match(cli("--help").out, new RegExp(`^ {2}${command} `, "m"));
    const { code, out } = cli(command, "--help");
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^rkv-lens ${command}`));
    assert.match(out, /Exit codes/);
  }
});
