/** One generate request: sets the parts of a run up, runs them, and says what came of it. */
import type { Vote } from "../../shared/answers/vote";
import type { ChainResult, GenerateParams, GenerationEnd } from "../../shared/wire/engineApi";
import { NonFiniteScoreError } from "../compaction/decision";
import type { RunnableModel } from "../model/loadModel";
import type { Prompt } from "../text/protocol";
import { labels, ReplyReader } from "../text/replyReader";
import { RunTrace } from "../trace/runTrace";
import { Chain, limitsOf } from "./chain";
import { ChainVote } from "./chainVote";
import { ContextNotice } from "./contextNotice";
import { DecodeLoop } from "./decodeLoop";
import type { Emit } from "./outbox";
import { reusableTokens } from "./prefill";
import { Reply } from "./reply";
import type { RunControl } from "./request";
import { promptForgotten, RunMeter } from "./runMeter";
import { promptNotice, promptOf } from "./runPrompt";
import { RunReporter } from "./runReporter";
import { NonFiniteLogitsError } from "./sampling";

/** Rejects with an Error to be shown where the prompt cannot be run; a trace that fails does not. */
export async function conductRun(
  model: RunnableModel,
  params: GenerateParams,
  control: RunControl,
  emit: Emit,
): Promise<GenerationEnd> {
  const began = performance.now();
  const prompt = await promptOf(model, params.prompt);
  const trace = await RunTrace.open(model, params);
  try {
    const reporter = new RunReporter(params.run, emit, trace.recorder);
    const run = new Conductor({ model, params, prompt, control, began }, reporter);
    return { ...(await run.toEnd()), traceError: trace.error };
  } finally {
    await trace.close();
  }
}

/** A request, its prompt as ids, and when it came, by performance.now(). */
interface Asked {
  model: RunnableModel;
  params: GenerateParams;
  prompt: Prompt;
  control: RunControl;
  began: number;
}

class Conductor {
  private readonly replies: readonly Reply[];
  private readonly loop: DecodeLoop;
  private readonly meter: RunMeter;
  /** Absent where nobody asked for one. */
  private readonly vote: ChainVote | undefined;
  private readonly context: ContextNotice;
  /** Prompt tokens that the cache holds from the turn before. */
  private readonly reused: number;

  constructor(
    private readonly asked: Asked,
    private readonly reporter: RunReporter,
  ) {
    const { model, params, prompt, control, began } = asked;
    const limits = limitsOf(model, params.maxTokens);
    const chains = Array.from({ length: params.chains }, (_, i) => new Chain(prompt, limits, i));
    this.replies = chains.map((chain) => {
      const reader = new ReplyReader(model.text, chain.number, prompt);
      return new Reply(chain, reader, began, (reply, tokens) => reporter.speak(reply, tokens));
    });
    if (params.vote) this.vote = new ChainVote(this.replies, (end) => reporter.chainEnd(end));
    const { maxTokens } = params;
    this.context = new ContextNotice(model.info.contextLength, prompt.ids.length, maxTokens);
    const { observationWindow } = control.cache;
    this.reused = reusableTokens(model.decoder, prompt.ids, model.heldIds, observationWindow);
    this.loop = new DecodeLoop(model.decoder, chains, {
      control,
      reused: this.reused,
      sampling: params.sampling,
      recorder: reporter.recorder,
      onPrefill: (done, total) => reporter.prefill(done, total),
      onLayer: reporter.working,
      onStep: () => this.step(),
    });
    this.meter = new RunMeter(this.loop, began);
  }

  async toEnd(): Promise<GenerationEnd> {
    const { loop, replies, reporter } = this;
    const { model, params, prompt, control } = this.asked;
    const notice = promptNotice(model, params.prompt);
    if (notice !== undefined) reporter.notice(notice);
    model.heldIds = [];
    reporter.recorder?.settings(0, control.cache);
    const tokens = await labels(model.text, prompt.ids);
    reporter.recorder?.prompt(params.chains, tokens, this.meter.millis);
    await this.decode();
    const chains = await Promise.all(replies.map((reply) => reply.finish()));
    const vote = await this.vote?.result();
    for (const reply of replies) reporter.recorder?.append(reply.takeSteps());
    await reporter.flush();
    model.heldIds = loop.firstChain.ids.slice(0, loop.decoder.position);
    return this.sumUp(chains, vote);
  }

  /** Numbers that overflow end every reply, with a notice. */
  private async decode(): Promise<void> {
    const { loop, reporter, asked } = this;
    try {
      await loop.run();
    } catch (error) {
      if (!(error instanceof NonFiniteLogitsError || error instanceof NonFiniteScoreError))
        throw error;
      for (const chain of loop.chains) chain.end("non-finite");
      if (!asked.control.isCancelled) reporter.notice(error.message);
    }
  }

  private step(): void {
    for (const reply of this.replies) reply.follow();
    this.vote?.follow();
    this.meter.step();
    this.reporter.step(this.meter, this.replies);
    const notice = this.context.at(this.loop.decoder.position);
    if (notice !== undefined) this.reporter.notice(notice);
  }

  private sumUp(chains: ChainResult[], vote: Vote | undefined): GenerationEnd {
    const { meter, reporter, asked, reused } = this;
    const { tokens, tokensPerSecond, millisToFirstToken, millis } = meter;
    const promptTokens = asked.prompt.ids.length;
    const [{ stopReason }] = chains;
    reporter.recorder?.append([{ type: "end", stopReason, millis, tokens }]);
    return {
      ...meter.cache(),
      chains,
      vote,
      tokens,
      promptTokens,
      reusedTokens: reused,
      tokensPerSecond,
      millisToFirstToken,
      millis,
      promptForgotten: promptForgotten(asked.model.decoder, promptTokens),
    };
  }
}
