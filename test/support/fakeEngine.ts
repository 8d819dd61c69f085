/**
 * An engine without a model that speaks the engine's wire and misbehaves on request: the model's
 * folder says how (“/models/crash-on-load”), a prompt's last word too (“… crash”).
 */
import path from "node:path";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { setTimeout as sleep } from "node:timers/promises";
import { startHeartbeat } from "../../src/engine/heartbeat";
import type {
  CacheFigures,
  EngineEvents,
  EngineRequests,
  GenerateParams,
  GenerationEnd,
  ModelInfo,
} from "../../src/shared/wire/engineApi";
import type { CacheSettings } from "../../src/shared/settings/settings";
import { emit, serve } from "../../src/shared/wire/wire";

const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
const cancelled = new Set<string>();
let cache: CacheSettings | undefined;

function block(): never {
  for (;;);
}

async function misbehave(word: string): Promise<void> {
  switch (word) {
    case "print":
      process.stdout.write("printed\n");
      return;
    case "crash":
      process.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n");
      process.kill(process.pid, "SIGSEGV");
      await sleep(60_000);
      return;
    case "exit":
      process.exit(0);
      return;
    case "hang":
      block();
      return;
    case "refuse":
      throw new Error("Node “attn_3” is not understood: use another export of this model.");
  }
}

/** Tells of a trial where the folder is called so, and of its end where that is called over. */
async function tryModel(folder: string): Promise<void> {
  if (!folder.includes("tried")) return;
  const record = path.join(folder, "crashes", "record.json");
  const trial = { file: "model.onnx", hash: "ab".repeat(32), runtime: "1.30.0", record } as const;
  await tell("trying", { trial: { ...trial, device: "cpu" } });
  if (folder.includes("over")) await tell("trying", {});
}

async function load({ folder, device }: { folder: string; device: string }): Promise<ModelInfo> {
  await tryModel(folder);
  for (const [index, stage] of (["read", "rewrite", "session"] as const).entries())
    await tell("loading", { stage, fraction: (index + 1) / 3 });
  await misbehave(/(\w+)-on-load/.exec(folder)?.[1] ?? "");
  if (folder.includes("slow")) await sleep(300);
  return {
    name: folder.split("/").at(-1) ?? folder,
    pattern: "none",
    dtype: "fp32",
    device: device === "webgpu" ? "webgpu" : "cpu",
    deviceReasons: [],
    weightBytes: 4_000_000,
    bytesPerToken: 3_072,
    layers: 6,
    queryHeads: 6,
    kvHeads: 2,
    headDim: 32,
    vocabulary: 128,
    contextLength: 4_096,
    family: folder.includes("word-problems") ? "word-problems" : undefined,
    suggestedBudget: folder.includes("suggests") ? { kind: "share", percent: 50 } : undefined,
    suggestedSampling: folder.includes("suggests") ? { temperature: 0, topK: 7 } : undefined,
  };
}

/** Streams the prompt's words: 1 token each, the first half as thinking; “sampling” as what it is. */
async function generate(params: GenerateParams): Promise<GenerationEnd> {
  const sampling = JSON.stringify(params.sampling);
  const words = promptText(params).replace("sampling", sampling).split(" ");
  cache = params.cache;
  await tell("prefill", { run: params.run, done: words.length, total: words.length });
  const said = { thinking: "", answer: "" };
  let tokens = 0;
  for (const word of words) {
    if (cancelled.has(params.run)) return end(said, tokens, "cancelled");
    await misbehave(word);
    if (word === "slow") await sleep(100);
    const channel = tokens < words.length / 2 ? "thinking" : "answer";
    said[channel] += `${word} `;
    tokens += 1;
    for (let chain = 0; chain < params.chains; chain++)
      await tell("text", {
        run: params.run,
        chain,
        channel,
        text: `${word} `,
        tokens: 1,
        step: 0,
      });
    await tell("figures", {
      run: params.run,
      tokensPerSecond: 50,
      reasoningSteps: 1,
      ...figures(tokens),
    });
  }
  const whole = end(said, tokens, "end");
  return params.vote ? voted(whole, params) : whole;
}

/** The first chain says something else than all others. */
async function voted(
  whole: GenerationEnd,
  { run, chains }: GenerateParams,
): Promise<GenerationEnd> {
  const [said] = whole.chains;
  const all = Array.from({ length: chains }, (_, chain) =>
    chain === 0 ? { ...said, answer: "another" } : said,
  );
  for (const [chain, { answer, stopReason }] of all.entries())
    await tell("chainEnd", { run, chain, answer: answer.trim(), stopReason });
  const agreeing = [...all.keys()].slice(1);
  const vote = { answer: said.answer.trim(), agree: agreeing.length, of: chains, chains: agreeing };
  return { ...whole, chains: all, vote };
}

function promptText({ prompt }: GenerateParams): string {
  return prompt.kind === "chat" ? (prompt.messages.at(-1)?.content ?? "") : "";
}

function figures(position: number): CacheFigures {
  const slots = cache?.budget.kind === "count" ? cache.budget.slots : position;
  const retained = Math.min(position, slots);
  return {
    position,
    retained,
    evicted: position - retained,
    compactions: position > retained ? 1 : 0,
    kvBytes: retained * 3_072,
    kvBytesFull: position * 3_072,
  };
}

function end(
  { thinking, answer }: { thinking: string; answer: string },
  tokens: number,
  stopReason: "end" | "cancelled",
): GenerationEnd {
  return {
    ...figures(tokens),
    chains: [{ text: thinking + answer, thinking, answer, tokenIds: [], stopReason }],
    tokens,
    promptTokens: tokens,
    reusedTokens: 0,
    tokensPerSecond: 50,
    millisToFirstToken: 5,
    millis: 20 * tokens,
    promptForgotten: 0,
  };
}

async function tell<K extends keyof EngineEvents>(name: K, event: EngineEvents[K]): Promise<void> {
  await emit<EngineEvents, K>(connection, name, event);
  await sleep(1);
}

function unknown(): Promise<never> {
  return Promise.reject(new Error("The fake engine has no answer to this."));
}

serve<EngineRequests>(connection, {
  load,
  generate,
  answer: unknown,
  configure: (params) => Promise.resolve(void (cache = params.cache)),
  cancel: ({ run }) => Promise.resolve(void cancelled.add(run)),
  countTokens: ({ messages }) =>
    Promise.resolve(messages.reduce((sum, { content }) => sum + content.split(" ").length, 0)),
  check: async (params) => ({ ...(await load(params)), supported: true }),
  estimate: unknown,
  verify: unknown,
  replay: unknown,
});
void startHeartbeat().then(() => connection.listen());
