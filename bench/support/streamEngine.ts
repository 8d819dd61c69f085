/**
 * An engine without a model that writes Markdown with code and formulas, 500 tokens a second for a
 * minute: a short chain of thought first, then one answer.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import { startHeartbeat } from "../../src/engine/heartbeat";
import type { EngineEvents, EngineRequests, GenerateParams } from "../../src/shared/wire/engineApi";
import { emit, type Handlers, serve } from "../../src/shared/wire/wire";
import { streamedTokens, thinkingTokens, tokensPerSecond } from "./streamedText";

const connection = createMessageConnection(
  new IPCMessageReader(process),
  new IPCMessageWriter(process),
);
const bytesPerToken = 3_072;
const budget = 512;

const tell = <K extends keyof EngineEvents>(name: K, event: EngineEvents[K]): Promise<void> =>
  emit<EngineEvents, K>(connection, name, event);

async function generate({ run }: GenerateParams): Promise<EngineRequests["generate"]["result"]> {
  const tokens = streamedTokens();
  const began = performance.now();
  let said = 0;
  while (said < tokens.length) {
    const due = Math.floor(((performance.now() - began) / 1_000) * tokensPerSecond);
    for (; said < Math.min(due, tokens.length); said++) {
      const channel = said < thinkingTokens ? "thinking" : "answer";
      void tell("text", { run, chain: 0, channel, text: tokens[said], tokens: 1, step: 0 });
    }
    void tell("figures", { run, tokensPerSecond, reasoningSteps: 1, ...figures(said) });
    await sleep(10);
  }
  return {
    ...figures(said),
    chains: [],
    tokens: said,
    promptTokens: 1,
    reusedTokens: 0,
    tokensPerSecond,
    millisToFirstToken: 2,
    millis: performance.now() - began,
    promptForgotten: 0,
  };
}

function figures(position: number) {
  const retained = Math.min(position, budget + (position % 128));
  return {
    position,
    retained,
    evicted: position - retained,
    compactions: Math.floor(position / 128),
    kvBytes: retained * bytesPerToken,
    kvBytesFull: position * bytesPerToken,
  };
}

const unknown = (): Promise<never> => Promise.reject(new Error("Not part of this measurement."));

serve<EngineRequests>(connection, {
  load: ({ folder }) =>
    Promise.resolve({
      ...{ name: folder, pattern: "none", dtype: "fp32", device: "cpu", deviceReasons: [] },
      ...{ layers: 6, queryHeads: 6, kvHeads: 2, headDim: 32, vocabulary: 128 },
      ...{ contextLength: 40_000, weightBytes: 1, bytesPerToken },
    }),
  generate,
  ...{ configure: unknown, cancel: unknown, countTokens: unknown, check: unknown },
  ...{ answer: unknown, estimate: unknown, verify: unknown, replay: unknown },
} satisfies Handlers<EngineRequests>);
void startHeartbeat().then(() => connection.listen());
