/** Answers the engine's requests: one model, one run at a time. */
import { writeSync } from "node:fs";
import * as z from "zod";
import type {
  Answer,
  AnswerParams,
  EngineRequests,
  GenerateParams,
  GenerationEnd,
  ModelInfo,
} from "../shared/wire/engineApi";
import {
  type CacheSettings,
  cacheSettingsSchema,
  defaultCacheSettings,
  samplingSettingsSchema,
} from "../shared/settings/settings";
import type { Handlers } from "../shared/wire/wire";
import { checkModel } from "./proof/check";
import { checked } from "./checked";
import { DeviceError } from "./runtime/runtime";
import { reportTrials } from "./decoder/trials";
import { answerTogether } from "./run/answerTogether";
import { conductRun } from "./run/conductRun";
import { estimateMemory } from "./model/estimate";
import { loadModel, type LoadedModel } from "./model/loadedModel";
import type { Emit } from "./run/outbox";
import { replayTrace } from "./replay/replay";
import type { RunControl } from "./run/runControl";
import { verifyPolicies } from "./proof/verify";

type Params<K extends keyof EngineRequests> = EngineRequests[K]["params"];

const runLimitsSchema = z.object({
  maxTokens: z.number().int().min(1),
  chains: z.number().int().min(1).max(64),
  cache: cacheSettingsSchema,
  sampling: samplingSettingsSchema,
});

export class Engine {
  private model: LoadedModel | undefined;
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
  private async load({ folder, device }: Params<"load">): Promise<ModelInfo> {
    if (this.model) throw new Error("This engine has a model already: start another one.");
    this.model = await loadModel(folder, device, (stage) => void this.emit("loading", { stage }));
    return this.model.info;
  }

  private async generate(params: GenerateParams): Promise<GenerationEnd> {
    const model = this.loaded();
    const limits = checked(runLimitsSchema, params);
    const control = this.begin(params.run, limits.cache);
    try {
      return await endingIfLost(conductRun(model, { ...params, ...limits }, control, this.emit));
    } finally {
      this.running = undefined;
    }
  }

  private async answer(params: AnswerParams): Promise<Answer[]> {
    const model = this.loaded();
    const limits = checked(runLimitsSchema, { ...params, chains: params.questions.length });
    const control = this.begin(params.run, limits.cache);
    model.heldIds = [];
    let told = performance.now();
    try {
      return await endingIfLost(
        answerTogether(model, { ...params, ...limits }, control, (position) => {
          if (performance.now() - told < 1000) return;
          told = performance.now();
          void this.emit("answering", { run: params.run, position });
        }),
      );
    } finally {
      this.running = undefined;
    }
  }

  private async configure({ run, cache }: Params<"configure">): Promise<void> {
    if (this.running?.run === run) this.running.cache = checked(cacheSettingsSchema, cache);
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
    const control = this.begin(params.run, defaultCacheSettings);
    const { run } = params;
    try {
      return await replayTrace(params, control, (done, total) =>
        this.emit("replaying", { run, done, total }),
      );
    } finally {
      this.running = undefined;
    }
  }

  /** Tells the host that the engine is alive, each time it is called. */
  private working(): () => void {
    let done = 0;
    return () => void this.emit("working", { done: ++done });
  }

  private loaded(): LoadedModel {
    if (!this.model) throw new Error("No model is loaded yet: load one first.");
    return this.model;
  }

  private begin(run: string, cache: CacheSettings): RunControl {
    if (this.running)
      throw new Error("The model is still busy with another question: wait for it, or stop it.");
    this.running = { run, cache, isCancelled: false };
    return this.running;
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
