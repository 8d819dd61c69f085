/**
 * Questions that know nothing of each other, answered as rows of one batch: what an evaluation
 * asks. Rows share the position: where the prompts' lengths differ, those that are still in their
 * prompt read it on while the others choose. Nothing is told on the way, and no trace is written.
 */
import type { Answer, AnswerParams, StopReason } from "../../shared/wire/engineApi";
import type { CacheSettings } from "../../shared/settings/settings";
import { slotsRetained } from "../compaction/due";
import type { LoadedModel } from "../model/loadedModel";
import type { Prompt } from "../text/protocol";
import { ReplyReader } from "../text/replyReader";
import { Compactor } from "./compactor";
import type { RunControl } from "./runControl";
import { promptOf } from "./runPrompt";
import { RunRecorder } from "./runRecorder";
import { Sampler } from "./sampling";

/** A question in the decoder's batch. */
interface Row {
  /** Place among the questions. */
  chain: number;
  prompt: Prompt;
  /** The prompt's, and the reply's as far as it is chosen. */
  ids: number[];
  ended?: Pick<Answer, "stopReason" | "compactions" | "kvBytes" | "millis">;
}

/**
 * Rejects with an Error to be shown where a question cannot be run, or scores overflowed.
 * onStep: after each step, with the tokens read in each row.
 */
export async function answerTogether(
  model: LoadedModel,
  params: AnswerParams,
  control: RunControl,
  onStep: (position: number) => void,
): Promise<Answer[]> {
  const prompts = await Promise.all(
    params.questions.map((content) =>
      promptOf(model, { kind: "chat", messages: [{ role: "user", content }] }),
    ),
  );
  const rows = prompts.map((prompt, chain) => ({ chain, prompt, ids: [...prompt.ids] }));
  const batches = canShareSteps(prompts, control.cache) ? [rows] : rows.map((row) => [row]);
  for (const batch of batches) await new Batch(model, params, control, batch).read(onStep);
  return Promise.all(rows.map((row) => answerOf(model, row)));
}

/** Whether a compaction finds every row past its prompt, or every prompt equally long. */
function canShareSteps(prompts: readonly Prompt[], settings: CacheSettings): boolean {
  const lengths = prompts.map(({ ids }) => ids.length);
  const longest = Math.max(...lengths);
  if (lengths.every((length) => length === longest)) return true;
  const standing = { slots: longest, position: longest, promptLength: longest };
  return !settings.pinPrompt && longest < slotsRetained(settings, standing) + settings.buffer;
}

class Batch {
  private readonly began = performance.now();
  private readonly sampler: Sampler;
  private readonly compactor: Compactor;

  constructor(
    private readonly model: LoadedModel,
    private readonly params: AnswerParams,
    private readonly control: RunControl,
    private readonly rows: readonly Row[],
  ) {
    const { decoder } = model;
    const { sampling, questions } = params;
    this.sampler = new Sampler(sampling, decoder.model.vocabulary, questions.length);
    for (const { chain, ids } of rows) this.sampler.note(ids, chain);
    const promptLength = rows[0].prompt.ids.length;
    this.compactor = new Compactor(decoder, control, promptLength, sampling.seed, () => undefined);
  }

  /** Ends every row. */
  async read(onStep: (position: number) => void): Promise<void> {
    const { control, model, rows } = this;
    const { decoder } = model;
    const { kvHeads, headDim } = decoder.model;
    const recorder = new RunRecorder(undefined, kvHeads, headDim, rows.length);
    let going = [...rows];
    let logits = await this.readCommonLength();
    while (!control.isCancelled) {
      // Each question is the only chain of its run: its noise does not depend on its neighbours.
      const chains = going.map(() => 0);
      await this.compactor.betweenSteps(recorder, chains);
      going.forEach((row, place) => this.choose(row, place, logits));
      const left = going.filter(({ ended }) => !ended);
      if (left.length === 0) return;
      await decoder.select(left.map((row) => going.indexOf(row)));
      going = left;
      logits = await decoder.feed(going.map(({ ids }) => [ids[decoder.position]]));
      onStep(decoder.position);
    }
    for (const row of going) this.end(row, "cancelled");
  }

  /** Reads as much of the prompts as the shortest one has. */
  private async readCommonLength(): Promise<Float32Array> {
    const { decoder } = this.model;
    const length = Math.min(...this.rows.map(({ ids }) => ids.length));
    await decoder.select([0]);
    await decoder.truncate(0);
    await decoder.fork(this.rows.length);
    return decoder.feed(this.rows.map(({ ids }) => ids.slice(0, length)));
  }

  /** The row's next token, if its prompt is read; or its end. */
  private choose(row: Row, place: number, logits: Float32Array): void {
    const { decoder, endIds, info } = this.model;
    if (row.ids.length > decoder.position) return;
    const id = this.sampler.choose(logits, row.chain, place);
    if (endIds.has(id)) return this.end(row, "end");
    row.ids.push(id);
    if (row.ids.length - row.prompt.ids.length >= this.params.maxTokens) this.end(row, "length");
    else if (row.ids.length >= info.contextLength) this.end(row, "context");
  }

  private end(row: Row, stopReason: StopReason): void {
    const { decoder } = this.model;
    row.ended = {
      stopReason,
      compactions: this.compactor.compactions,
      kvBytes: decoder.bytesHeld / decoder.rows,
      millis: performance.now() - this.began,
    };
  }
}

async function answerOf({ text }: LoadedModel, { prompt, ids, ended }: Row): Promise<Answer> {
  if (!ended) throw new Error("A question was left without an answer.");
  const reply = ids.slice(prompt.ids.length);
  const reader = new ReplyReader(text, 0, { text: prompt.text, tokens: prompt.ids.length });
  await reader.push(reply);
  reader.end();
  const { answer } = reader.reply;
  return { ...ended, answer, tokens: reply.length, promptTokens: prompt.ids.length };
}
