import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { EngineProcess } from "../client/engine/engineProcess";
import { shownChain, voteRule } from "../shared/answers/vote";
import { deviceInWords } from "../shared/devicesInWords";
import { deviceWords } from "../shared/settings/devices";
import { familyNamed } from "../family/families";
import type { GenerateParams, GenerationEnd, ModelInfo } from "../shared/wire/engineApi";
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
import { exitCodes, UsageError } from "./exitCodes";
import {
  cacheChoice,
  cacheOptions,
  policyOptions,
  samplingOptions,
  samplingChoice,
} from "./generationOptions";
import { onInterrupt } from "./interrupt";
import { allAlike, voteInWords } from "./voteWords";
import { endLine, figuresLine } from "./figuresLine";
import { LiveView } from "./liveView";
import { aside, output } from "./terminal";

const run = "cli";

export const runCommand: Command = {
  name: "run",
  operands: "[QUESTION]",
  summary: "Ask a question, watch the model think, read the answer.",
  notes: `The thinking and the answer go to standard output, progress to standard error. Ctrl-C stops after
the step in progress, prints what there is and leaves a readable trace; a second one ends at once.

JSON fields: text, thinking, answer, tokenIds, tokens, promptTokens, tokensPerSecond, compactions,
evicted, retained, kvBytes, kvBytesFull, device, deviceReasons, stopReason, position, reusedTokens,
promptForgotten, millis, millisToFirstToken; the text is the first chain's, and with --chains N,
“chains” has them all. With --vote, the text is that of the first chain that agrees, and “vote” has
answer, agree, of and the numbers of the chains that agree; it is missing where no chain came to an
answer. Where there is one: hint, traceError.

${voteRule} How far those are then may differ from run to run.`,
  options: {
    model: modelOption,
    ...policyOptions,
    ...cacheOptions,
    "max-tokens": { value: "N", help: "Stop after so many tokens (default 32768)." },
    ...samplingOptions,
    device: deviceOption,
    "full-activations": fullActivationsOption,
    "measure-devices": measureDevicesOption,
    chains: {
      value: "N",
      help: "Decode N chains of the prompt together, sampled also where the model suggests to be greedy (default 1).",
    },
    vote: { help: "The chains vote: what most of them answer is the answer." },
    trace: { value: "FILE", help: "Write a trace (.rkvtrace) for the inspector." },
    "prompt-ids": { value: "FILE", help: "A JSON array of token ids as the prompt, no template." },
    json: jsonOption,
  },
  run: async (args) => {
    const asked = await askedFor(args);
    const chosen = { cache: cacheChoice(args), sampling: samplingChoice(args) };
    const load = loadParams(args);
    return withEngine(async (engine) => {
      const talk = args.flag("json") ? jsonTalk(engine) : liveTalk(engine);
      try {
        const model = await engine.request("load", load);
        talk.loaded(model);
        const cache = settleCache(chosen.cache, model.suggestedBudget);
        const { chains } = asked;
        const sampling = settleSampling(chosen.sampling, model.suggestedSampling, chains);
        if (chains > 1 && sampling.temperature === 0) aside.say(allAlike);
        const params = { ...asked, cache, sampling };
        const { end, interrupted } = await generateUntilInterrupt(engine, params);
        talk.ended(end, params, model);
        if (interrupted) return exitCodes.stopped;
        return end.traceError === undefined ? exitCodes.done : exitCodes.unwritten;
      } finally {
        talk.close();
      }
    });
  },
};

/** What a run says on the way and in the end. */
interface Talk {
  loaded(model: ModelInfo): void;
  ended(end: GenerationEnd, params: GenerateParams, model: ModelInfo): void;
  close(): void;
}

/** What does not depend on the model. */
async function askedFor(args: Arguments): Promise<Omit<GenerateParams, "cache" | "sampling">> {
  const trace = args.text("trace");
  const chains = args.integer("chains", [1, 64]) ?? 1;
  const vote = args.flag("vote");
  if (vote && chains === 1)
    throw new UsageError("--vote needs chains that vote: give --chains 2 or more.");
  return {
    run,
    prompt: await promptOf(args),
    maxTokens: args.integer("max-tokens", [1, 10_000_000]) ?? 32_768,
    chains,
    vote,
    traceFile: trace === undefined ? undefined : path.resolve(trace),
  };
}

async function promptOf(args: Arguments): Promise<GenerateParams["prompt"]> {
  const file = args.text("prompt-ids");
  const question = args.operands.join(" ").trim();
  if (file !== undefined && question !== "")
    throw new UsageError("Give a question or --prompt-ids, not both.");
  if (file !== undefined) return { kind: "ids", ids: await readIds(file) };
  if (question === "")
    throw new UsageError('The question is missing; put it in quotes: rkv-lens run "How many …?".');
  return { kind: "chat", messages: [{ role: "user", content: question }] };
}

async function readIds(file: string): Promise<number[]> {
  try {
    const ids: unknown = JSON.parse(await readFile(file, "utf8"));
    return z.array(z.number().int().min(0).max(0xffff_ffff)).min(1).parse(ids);
  } catch {
    throw new UsageError(
      `--prompt-ids needs a file with a JSON array of token ids; ${file} is none.`,
    );
  }
}

/** One object on standard output; what else the person should know goes to standard error. */
function jsonTalk(engine: EngineProcess): Talk {
  engine.subscribe({ notice: ({ message }) => aside.say(message) });
  return {
    loaded: () => undefined,
    ended: (end, params, model) => {
      const { chains, ...figures } = end;
      const { device, deviceReasons } = model;
      const hint = hintFor(params, model);
      const all = params.chains > 1 ? { chains } : {};
      output.json({
        ...chains[shownChain(end.vote)],
        ...figures,
        hint,
        device,
        deviceReasons,
        ...all,
      });
      if (figures.traceError !== undefined) aside.say(figures.traceError);
    },
    close: () => undefined,
  };
}

const loadingWords = {
  read: "loading the model",
  rewrite: "loading the model: rewriting its graph",
  session: "loading the model: reading its weights",
  measure: "loading the model: timing it on each device",
  tokenizer: "loading the model: reading its tokenizer",
};

function liveTalk(engine: EngineProcess): Talk {
  const view = new LiveView(output, aside, process.env);
  engine.subscribe({
    loading: ({ stage }) => view.progress(loadingWords[stage]),
    prefill: ({ done, total }) => view.progress(`reading the prompt: ${done} of ${total} tokens`),
    text: ({ chain, channel, text }) => chain === 0 && view.text(channel, text),
    figures: (figures) => view.progress(figuresLine(figures)),
    notice: ({ message }) => view.notice(message),
  });
  return {
    loaded: (model) => view.notice(whereItRuns(model)),
    ended: (end, params, model) => {
      view.finish();
      if (aside.isTerminal) aside.write("\n");
      printEnd(end, params, hintFor(params, model));
    },
    close: () => view.finish(),
  };
}

/** With the devices that did not work, and why; with the time of a step where they were timed. */
function whereItRuns({ name, device, deviceReasons }: ModelInfo): string {
  const tried = deviceReasons
    .filter(({ error, stepMillis }) => error !== undefined || stepMillis !== undefined)
    .map(deviceInWords);
  return [`${name} on ${deviceWords[device].label}`, ...tried].join("; ");
}

/** What to know where the question is outside of what the model was made for. */
function hintFor({ prompt }: GenerateParams, { family }: ModelInfo): string | undefined {
  if (prompt.kind === "ids") return undefined;
  return familyNamed(family)?.hintFor(prompt.messages.at(-1)?.content ?? "");
}

/** Chains beyond the first were not streamed. */
function printEnd(
  end: GenerationEnd,
  { traceFile, chains, vote }: GenerateParams,
  hint: string | undefined,
): void {
  if (vote) printVote(end);
  else
    end.chains
      .slice(1)
      .forEach((chain, i) => output.write(`\nChain ${i + 2}: ${chain.answer.trim()}\n`));
  if (hint !== undefined) aside.say(hint);
  aside.say(endLine(end, chains));
  if (end.traceError !== undefined) aside.say(end.traceError);
  else if (traceFile !== undefined) aside.say(`Trace: ${traceFile}`);
}

function printVote(end: GenerationEnd): void {
  const shown = shownChain(end.vote);
  if (shown > 0) output.write(`\nChain ${shown + 1}: ${end.chains[shown].answer.trim()}\n`);
  output.say("", ...voteInWords(end));
}

async function generateUntilInterrupt(
  engine: EngineProcess,
  params: GenerateParams,
): Promise<{ end: GenerationEnd; interrupted: boolean }> {
  const generating = engine.request("generate", params);
  const interrupt = onInterrupt(engine, () => engine.cancel(run, generating));
  try {
    return { end: await generating, interrupted: interrupt.happened() };
  } finally {
    interrupt.dispose();
  }
}
