/**
 * One run: read the prompt, then choose and read tokens until something ends it. Compactions
 * happen between two steps; what a person changes in mid-run takes effect at the next one.
 */
import type { StopReason } from "../../shared/wire/engineApi";
import type { SamplingSettings } from "../../shared/settings/settings";
import type { Compactor } from "./compactor";
import { type Decoder, NonFiniteScoreError } from "../decoder/decoder";
import { prefill } from "./prefill";
import type { Reply } from "./reply";
import type { RunControl } from "./runControl";
import type { RunRecorder } from "./runRecorder";
import { NonFiniteLogitsError, Sampler } from "./sampling";

export interface RunParts {
  decoder: Decoder;
  promptIds: readonly number[];
  /** Tokens at the prompt's start that the cache holds already. */
  reused: number;
  /** One a chain. */
  replies: Reply[];
  sampling: SamplingSettings;
  maxTokens: number;
  /** Tokens that the model was made for, prompt and reply together. */
  contextLength: number;
  endIds: ReadonlySet<number>;
  control: RunControl;
  compactor: Compactor;
  recorder: RunRecorder;
  onPrefill: (done: number, total: number) => void;
  /** After every step, the replies up to date. */
  onStep: () => void;
  onNotice: (message: string) => void;
}

/** Resolves when every reply has its stop reason. Rejects only for faults that no reply can tell. */
export async function generate(parts: RunParts): Promise<void> {
  const { replies, control, onNotice } = parts;
  try {
    const logits = await readPrompt(parts);
    if (logits) await decode(parts, logits);
    endAll(replies, "cancelled");
  } catch (error) {
    if (!(error instanceof NonFiniteLogitsError || error instanceof NonFiniteScoreError))
      throw error;
    endAll(replies, "non-finite");
    if (!control.isCancelled) onNotice(error.message);
  }
}

/** The logits of the prompt's last token, one copy a chain; undefined if cancelled. */
async function readPrompt(parts: RunParts): Promise<Float32Array | undefined> {
  const { decoder, promptIds, reused, replies, control, compactor, recorder } = parts;
  const logits = await prefill(decoder, promptIds, reused, control, parts.onPrefill);
  if (!logits) return undefined;
  await compactor.betweenSteps(recorder, [replies[0].chain]);
  if (replies.length === 1) return logits;
  await decoder.fork(replies.length);
  recorder.follow(replies.map(({ chain }) => chain));
  const copies = new Float32Array(logits.length * replies.length);
  replies.forEach((_, chain) => copies.set(logits, chain * logits.length));
  return copies;
}

async function decode(parts: RunParts, promptLogits: Float32Array): Promise<void> {
  const { decoder, compactor, recorder, control, onStep } = parts;
  const sampler = samplerOf(parts);
  let logits = promptLogits;
  let rows = parts.replies;
  while (!control.isCancelled) {
    chooseTokens(parts, sampler, rows, logits);
    onStep();
    rows = await dropEnded(decoder, rows, recorder);
    if (rows.length === 0) return;
    logits = await decoder.feed(rows.map((reply) => [reply.lastId]));
    const chains = rows.map(({ chain }) => chain);
    await compactor.betweenSteps(recorder, chains);
  }
}

function samplerOf({ sampling, decoder, replies, promptIds }: RunParts): Sampler {
  const sampler = new Sampler(sampling, decoder.model.vocabulary, replies.length);
  for (const reply of replies) sampler.note(promptIds, reply.chain);
  return sampler;
}

/** Appends a token to each row's reply, and ends the replies that are at their end. */
function chooseTokens(
  { endIds, maxTokens, contextLength, decoder }: RunParts,
  sampler: Sampler,
  rows: readonly Reply[],
  logits: Float32Array,
): void {
  rows.forEach((reply, row) => {
    const id = sampler.choose(logits, reply.chain, row);
    if (endIds.has(id)) return reply.end("end");
    reply.push(id, sampler.logProb);
    if (reply.tokens >= maxTokens) reply.end("length");
    else if (decoder.position + 1 >= contextLength) reply.end("context");
  });
}

/** The rows that go on; the others leave the batch. */
async function dropEnded(decoder: Decoder, rows: Reply[], recorder: RunRecorder): Promise<Reply[]> {
  const going = rows.filter((reply) => !reply.stopReason);
  if (going.length === rows.length || going.length === 0) return going;
  await decoder.select(going.map((reply) => rows.indexOf(reply)));
  recorder.follow(going.map(({ chain }) => chain));
  return going;
}

function endAll(replies: readonly Reply[], reason: StopReason): void {
  for (const reply of replies) if (!reply.stopReason) reply.end(reason);
}
