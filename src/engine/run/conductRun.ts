/** One generate request: sets the parts of a run up, runs them, and tells host and trace. */
import type { ChainResult, GenerateParams, GenerationEnd } from "../../shared/wire/engineApi";
import { Compactor } from "./compactor";
import { generate } from "./generate";
import type { LoadedModel } from "../model/loadedModel";
import { type Emit, Outbox } from "./outbox";
import { reusableTokens } from "./prefill";
import { promptForgotten } from "./promptForgotten";
import { Reply, type SpokenToken } from "./reply";
import type { RunControl } from "./runControl";
import { RunMeter } from "./runMeter";
import { promptNotice, promptOf } from "./runPrompt";
import { RunRecorder } from "./runRecorder";
import { openRunTrace, type RunTrace } from "./runTrace";
import { labels, ReplyReader } from "../text/replyReader";
import type { Prompt } from "../text/protocol";

/** Rejects with an Error to be shown where the prompt cannot be run; a trace that fails does not. */
export async function conductRun(
  model: LoadedModel,
  params: GenerateParams,
  control: RunControl,
  emit: Emit,
): Promise<GenerationEnd> {
  const began = performance.now();
  const prompt = await promptOf(model, params.prompt);
  const notice = promptNotice(model, params.prompt);
  if (notice !== undefined) void emit("notice", { run: params.run, message: notice });
  const trace = await openRunTrace(model, params);
  try {
    return await new Conductor(model, params, control, emit, prompt, trace, began).run();
  } finally {
    await trace.writer?.close();
  }
}

/** Tells the host, once a second at most, that the engine is at work. */
function signOfLife(emit: Emit): () => void {
  let told = performance.now();
  let done = 0;
  return () => {
    done += 1;
    if (performance.now() - told < 1000) return;
    told = performance.now();
    void emit("working", { done });
  };
}

class Conductor {
  private readonly outbox: Outbox;
  private readonly recorder: RunRecorder;
  private readonly replies: Reply[];
  private readonly compactor: Compactor;
  private readonly meter: RunMeter;

  constructor(
    private readonly model: LoadedModel,
    private readonly params: GenerateParams,
    private readonly control: RunControl,
    private readonly emit: Emit,
    private readonly prompt: Prompt,
    private readonly trace: RunTrace,
    began: number,
  ) {
    const { decoder, text } = model;
    const { kvHeads, headDim } = decoder.model;
    this.outbox = new Outbox(emit);
    this.recorder = new RunRecorder(trace.writer, kvHeads, headDim, params.chains);
    const place = { text: prompt.text, tokens: prompt.ids.length };
    this.replies = Array.from({ length: params.chains }, (_, chain) => {
      const reader = new ReplyReader(text, chain, place);
      return new Reply(chain, reader, began, (reply, tokens) => this.speak(reply, tokens));
    });
    const { seed } = params.sampling;
    const isAlive = signOfLife(emit);
    this.compactor = new Compactor(decoder, control, prompt.ids.length, seed, isAlive);
    this.meter = new RunMeter(decoder, this.compactor, this.replies, began);
  }

  async run(): Promise<GenerationEnd> {
    const { model, prompt, recorder, control } = this;
    const reused = reusableTokens(
      model.decoder,
      prompt.ids,
      model.heldIds,
      control.cache.observationWindow,
    );
    model.heldIds = [];
    recorder.settings(0, control.cache);
    const promptTokens = await labels(model.text, prompt.ids);
    recorder.prompt(promptTokens, this.meter.millis);
    await generate({ ...this.parts(), reused });
    const chains = await Promise.all(this.replies.map((reply) => reply.finish()));
    for (const reply of this.replies) recorder.append(reply.takeSteps());
    await this.outbox.flush();
    const { tokenIds } = chains[recorder.firstChain];
    model.heldIds = [...prompt.ids, ...tokenIds].slice(0, model.decoder.position);
    return this.sumUp(chains, reused);
  }

  private parts() {
    const { model, params, prompt, replies, control, compactor, recorder } = this;
    const { run, sampling, maxTokens } = params;
    return {
      ...{ decoder: model.decoder, promptIds: prompt.ids, replies, control, compactor, recorder },
      ...{ sampling, maxTokens, contextLength: model.info.contextLength, endIds: model.endIds },
      onStep: () => this.step(),
      onPrefill: (done: number, total: number) => void this.emit("prefill", { run, done, total }),
      onNotice: (message: string) => void this.emit("notice", { run, message }),
    };
  }

  private step(): void {
    const { meter, params, outbox, recorder, replies } = this;
    meter.step();
    if (recorder.isRecording) recorder.append([meter.record()]);
    const reasoningSteps = Math.max(...replies.map((reply) => reply.reasoningSteps));
    const { tokensPerSecond } = meter;
    outbox.latest({ run: params.run, tokensPerSecond, reasoningSteps, ...meter.cache() });
    outbox.pump();
  }

  private speak(reply: Reply, tokens: SpokenToken[]): void {
    this.recorder.tokens(reply.chain, tokens);
    this.recorder.append(reply.takeSteps());
    const { run } = this.params;
    for (const { shown, step, channel } of tokens) {
      const pieces = shown.length > 0 ? shown : [{ channel, text: "" }];
      pieces.forEach((piece, i) =>
        this.outbox.text({ run, chain: reply.chain, ...piece, tokens: i === 0 ? 1 : 0, step }),
      );
    }
  }

  private sumUp(chains: ChainResult[], reusedTokens: number): GenerationEnd {
    const { meter, prompt, model, trace } = this;
    const { tokens, tokensPerSecond, millisToFirstToken, millis } = meter;
    const { stopReason } = chains[0];
    this.recorder.append([{ type: "end", stopReason, millis, tokens }]);
    return {
      ...meter.cache(),
      ...{ chains, tokens, tokensPerSecond, millisToFirstToken, millis, reusedTokens },
      promptTokens: prompt.ids.length,
      promptForgotten: promptForgotten(model.decoder, prompt.ids.length),
      hint: this.hint(),
      traceError: trace.error ?? trace.writer?.error?.message,
    };
  }

  /** Where the question is outside of what the model was made for. */
  private hint(): string | undefined {
    const { prompt } = this.params;
    if (prompt.kind === "ids") return undefined;
    const question = prompt.messages.findLast(({ role }) => role === "user");
    return question && this.model.family?.hintFor(question.content);
  }
}
