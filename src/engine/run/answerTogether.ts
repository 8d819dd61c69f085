/**
 * Questions that know nothing of each other, answered as rows of one batch: what an evaluation
 * asks. Rows share the position: where the prompts' lengths differ, those that are still in their
 * prompt read it on while the others choose. Nothing is told on the way, and no trace is written.
 */
import type { CacheSettings } from "../../shared/settings/settings";
import type { Answer, AnswerParams } from "../../shared/wire/engineApi";
import { slotsRetained } from "../compaction/due";
import type { RunnableModel } from "../model/loadModel";
import type { Prompt } from "../text/protocol";
import { ReplyReader } from "../text/replyReader";
import type { TextWorker } from "../text/textWorker";
import { Chain, limitsOf } from "./chain";
import { DecodeLoop, type LoopOptions } from "./decodeLoop";
import type { RunControl } from "./request";
import { promptOf } from "./runPrompt";

/**
 * Rejects with an Error to be shown where a question cannot be run, or scores overflowed.
 * onStep: after each step, with the tokens read in each row.
 */
export async function answerTogether(
  model: RunnableModel,
  params: AnswerParams,
  control: RunControl,
  onStep: (position: number) => void,
): Promise<Answer[]> {
  const prompts = await Promise.all(
    params.questions.map((content) =>
      promptOf(model, { kind: "chat", messages: [{ role: "user", content }] }),
    ),
  );
  model.heldIds = [];
  const limits = limitsOf(model, params.maxTokens);
  // Numbered by prompt: what a policy draws for a chain does not depend on other questions.
  const chains = prompts.map((prompt, question) =>
    Array.from({ length: params.chains }, (_, number) => {
      const stream = question * params.chains + number;
      return new Chain(prompt, limits, number, stream);
    }),
  );
  const isShared = canShareSteps(prompts, control.cache);
  const batches = isShared ? [chains.flat()] : chains;
  const options = {
    control,
    sampling: params.sampling,
    onStep: () => onStep(model.decoder.position),
  };
  const answers: Answer[] = [];
  for (const batch of batches) answers.push(...(await answersOf(model, batch, options)));
  return answers;
}

/** Whether a compaction finds every row past its prompt, or every prompt equally long. */
function canShareSteps(prompts: readonly Prompt[], settings: CacheSettings): boolean {
  const lengths = prompts.map(({ ids }) => ids.length);
  const longest = Math.max(...lengths);
  if (lengths.every((length) => length === longest)) return true;
  const standing = { slots: longest, position: longest, promptLength: longest };
  return !settings.pinPrompt && longest < slotsRetained(settings, standing) + settings.buffer;
}

/** What is to be known of a chain at the moment when it ends. */
type Figures = Pick<Answer, "compactions" | "kvBytes" | "millis">;

/** Decodes chains together, and reads what they answer. */
async function answersOf(
  { decoder, text }: RunnableModel,
  chains: readonly Chain[],
  options: LoopOptions,
): Promise<Answer[]> {
  const began = performance.now();
  const figures = new Map<Chain, Figures>();
  const noteEnds = () => {
    for (const chain of chains) {
      if (!chain.stopReason || figures.has(chain)) continue;
      const kvBytes = decoder.bytesHeld / decoder.rows;
      const millis = performance.now() - began;
      figures.set(chain, { compactions: loop.compactions, kvBytes, millis });
    }
  };
  const onStep = () => {
    noteEnds();
    options.onStep?.();
  };
  const loop = new DecodeLoop(decoder, chains, { ...options, onStep });
  await loop.run();
  noteEnds();
  return Promise.all(chains.map((chain) => answerOf(text, chain, figures.get(chain))));
}

async function answerOf(
  text: TextWorker | undefined,
  { prompt, reply, number, stopReason, meanLogProb }: Chain,
  figures: Figures | undefined,
): Promise<Answer> {
  if (!stopReason || !figures) throw new Error("A question was left without an answer.");
  const reader = new ReplyReader(text, number, prompt);
  await reader.push(reply.map(({ id }) => id));
  reader.end();
  const { answer } = reader.reply;
  const [tokens, promptTokens] = [reply.length, prompt.ids.length];
  return { ...figures, stopReason, answer, meanLogProb, tokens, promptTokens };
}
