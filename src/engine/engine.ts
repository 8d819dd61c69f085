/** Answers the engine's requests: one model, one run at a time. */
import { writeSync } from "node:fs";
import { type CacheSettings, defaultCacheSettings } from "../shared/settings/settings";
import type {
  Answer,
  AnswerParams,
  EngineRequests,
  GenerateParams,
  GenerationEnd,
  ModelInfo,
} from "../shared/wire/engineApi";
import type { Handlers } from "../shared/wire/wire";
import { reportTrials } from "./decoder/trials";
import { estimateMemory } from "./model/estimate";
import { loadModel, type RunnableModel } from "./model/loadModel";
import { checkModel } from "./proof/check";
import { verifyPolicies } from "./proof/verify";
import { replayTrace } from "./replay/replay";
import { answerTogether } from "./run/answerTogether";
import { conductRun } from "./run/conductRun";
import { type Emit, onceASecond } from "./run/outbox";
import { checkedCache, checkedLimits, type RunControl } from "./run/request";
import { DeviceError } from "./runtime/runtime";

type Params<K extends keyof EngineRequests> = EngineRequests[K]["params"];

export class Engine {
  private model: RunnableModel | undefined;
  private running: RunControl | undefined;

  constructor(private readonly emit: Emit) {
    reportTrials((trial) => emit("trying", { trial }));
  }

  readonly handlers: Handlers<EngineRequests> = {
    load: (params) => this.load(params),
    generate: (params) => this.generate(params),
    answer: (params) => this.answer(params),
    configure: (params) => this.configure(params),
    cancel: (params) => this.cancel(params),
    countTokens: (params) => this.countTokens(params),
    check: ({ folder, device }) => checkModel(folder, device, this.working()),
    estimate: (params) => estimateMemory(params),
    verify: ({ folder, device }) =>
      verifyPolicies(folder, device === "auto" ? "cpu" : device, this.working()),
    replay: (params) => this.replay(params),
  };

  /** A second model in one process would never give the first one's memory back to the system. */
  private async load(params: Params<"load">): Promise<ModelInfo> {
    if (this.model) throw new Error("This engine has a model already: start another one.");
    this.model = await loadModel(params, (stage) => void this.emit("loading", { stage }));
    return this.model.info;
  }

  private async generate(params: GenerateParams): Promise<GenerationEnd> {
    const model = this.loaded();
    const limits = checkedLimits(params);
    return this.alone(params.run, limits.cache, (control) =>
      endingIfLost(conductRun(model, { ...params, ...limits }, control, this.emit)),
    );
  }

  private async answer(params: AnswerParams): Promise<Answer[]> {
    const model = this.loaded();
    const { questions, chains } = params;
    const limits = { ...checkedLimits({ ...params, chains: questions.length * chains }), chains };
    const isAlive = onceASecond(() => {
      void this.emit("answering", { run: params.run, position: model.decoder.position });
    });
    return this.alone(params.run, limits.cache, (control) =>
      endingIfLost(answerTogether(model, { ...params, ...limits }, control, isAlive)),
    );
  }

  private async configure({ run, cache }: Params<"configure">): Promise<void> {
    if (this.running?.run === run) this.running.cache = checkedCache(cache);
    return Promise.resolve();
  }

  private async cancel({ run }: Params<"cancel">): Promise<void> {
    if (this.running?.run === run) this.running.isCancelled = true;
    return Promise.resolve();
  }

  private async countTokens({ messages }: Params<"countTokens">): Promise<number> {
    const { text } = this.loaded();
    if (!text) throw new Error("This model has no tokenizer, so its tokens cannot be counted.");
    return (await text.prompt(messages)).ids.length;
  }

  private async replay(params: Params<"replay">): Promise<EngineRequests["replay"]["result"]> {
    const { run } = params;
    return this.alone(run, defaultCacheSettings, (control) =>
      replayTrace(params, control, (done, total) => this.emit("replaying", { run, done, total })),
    );
  }

  /** Tells the host that the engine is alive, each time it is called. */
  private working(): () => void {
    let done = 0;
    return () => void this.emit("working", { done: ++done });
  }

  private loaded(): RunnableModel {
    if (!this.model) throw new Error("No model is loaded yet: load one first.");
    return this.model;
  }

  /** Lets nothing run beside `work`, and what the host says meanwhile reach its control. */
  private async alone<T>(
    run: string,
    cache: CacheSettings,
    work: (control: RunControl) => Promise<T>,
  ): Promise<T> {
    if (this.running)
      throw new Error("The model is still busy with another question: wait for it, or stop it.");
    this.running = { run, cache, isCancelled: false };
    try {
      return await work(this.running);
    } finally {
      this.running = undefined;
    }
  }
}

/** A process never gets a lost graphics device back; the next one, which the host starts, may. */
async function endingIfLost<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DeviceError) || error.device === "cpu") throw error;
    const words = error.message.replace(/\s+/g, " ");
    writeSync(process.stderr.fd, `The device ${error.device} failed: ${words}\n`);
    return process.exit(1);
  }
}
