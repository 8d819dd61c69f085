/** One answer in the making: loads the model, runs it, and turns what it tells into changes. */
import { shownChain } from "../../shared/answers/vote";
import type { AnswerChange } from "../../shared/chat/chatChange";
import type { Turn } from "../../shared/chat/chatState";
import { messagesOf } from "../../shared/chat/messages";
import type { EngineEvents, GenerationEnd, ModelInfo } from "../../shared/wire/engineApi";
import {
  type CacheSettings,
  type SamplingChoice,
  type SamplingSettings,
  settleSampling,
} from "../../shared/settings/settings";
import type { Listeners } from "../../shared/wire/wire";
import { familyNamed } from "../../family/families";
import { reasonOf } from "../../shared/reasonOf";
import { EngineEndedError } from "../engine/engineEnd";
import type { EngineProcess } from "../engine/engineProcess";
import type { EngineSupervisor, ReadyModel, ModelChoice } from "../engine/engineSupervisor";
import { RunningChains } from "./runningChains";

/** What a person has chosen that lasts for one answer. */
export interface GenerationChoice {
  model: ModelChoice & { name: string };
  sampling: SamplingChoice;
  maxTokens: number;
}

export interface AnswerRunOptions {
  supervisor: EngineSupervisor;
  choice: GenerationChoice;
  /** The conversation up to and with the question that is to be answered. */
  turns: Turn[];
  cache: () => CacheSettings;
  /** How many think about it. */
  chains: number;
  traceFile: () => Promise<string | undefined>;
  change: (change: AnswerChange) => void;
}

export class AnswerRun {
  private readonly id: string;
  /** While it generates. */
  private engine: EngineProcess | undefined;
  private readonly stopping = new AbortController();
  private readonly said = { thinking: 0, answer: 0 };
  /** Absent for one chain. */
  private readonly chains: RunningChains | undefined;

  constructor(private readonly options: AnswerRunOptions) {
    const { chains, change } = options;
    this.id = options.turns.at(-1)?.answer.id ?? "";
    if (chains > 1)
      this.chains = new RunningChains(chains, (all) => change({ kind: "chains", chains: all }));
  }

  /** Settles when the answer is whole or has failed; its fate is told by changes, never thrown. */
  async start(): Promise<void> {
    const { supervisor, choice, change } = this.options;
    const { signal } = this.stopping;
    const onPhase = (phase: "waiting" | "loading"): void => change({ kind: "phase", phase });
    try {
      await supervisor.run(choice.model, (model) => this.generate(model), { signal, onPhase });
    } catch (error) {
      if (signal.aborted) change({ kind: "phase", phase: "stopped" });
      else change(failure(error));
    }
  }

  /** Acts within one step of the engine; a load that nobody else waits for ends. */
  stop(): void {
    this.stopping.abort();
  }

  /** In force at the engine's next step; while none runs, nothing happens. */
  async configure(cache: CacheSettings): Promise<void> {
    await this.engine?.request("configure", { run: this.id, cache });
  }

  notice(message: string): void {
    this.options.change({ kind: "notice", message });
  }

  private async generate({ engine, info }: ReadyModel): Promise<void> {
    const { change, choice, turns } = this.options;
    change({ kind: "model", model: info.name, device: info.device });
    const traceFile = await this.options.traceFile().catch((error: unknown) => {
      this.notice(`No trace is kept of this answer: ${reasonOf(error)}`);
      return undefined;
    });
    if (traceFile === undefined) change({ kind: "traceGone" });
    const unsubscribe = engine.subscribe(this.listeners());
    try {
      this.engine = engine;
      const params = {
        run: this.id,
        prompt: { kind: "chat" as const, messages: messagesOf(turns) },
        cache: this.options.cache(),
        sampling: this.sampling(info),
        maxTokens: choice.maxTokens,
        chains: this.options.chains,
        vote: this.chains !== undefined,
        traceFile,
      };
      this.finish(await engine.generate(params, this.stopping.signal), info.family);
    } finally {
      this.engine = undefined;
      unsubscribe();
    }
  }

  private sampling({ suggestedSampling }: ModelInfo): SamplingSettings {
    const { choice, chains } = this.options;
    const sampling = settleSampling(choice.sampling, suggestedSampling, chains);
    if (chains > 1 && sampling.temperature === 0)
      this.notice("At temperature 0 all chains say the same: raise it in the settings.");
    return sampling;
  }

  private finish({ chains, vote, ...figures }: GenerationEnd, family: string | undefined): void {
    const stopReason = chains[shownChain(vote)]?.stopReason ?? "end";
    const question = messagesOf(this.options.turns).at(-1)?.content ?? "";
    const hint = familyNamed(family)?.hintFor(question);
    if (figures.traceError !== undefined) this.notice(figures.traceError);
    const end = { ...figures, stopReason, hint };
    this.options.change({ kind: "ended", end, chains: this.chains?.ended(chains), vote });
  }

  private listeners(): Listeners<EngineEvents> {
    const { change } = this.options;
    const isOurs = ({ run }: { run: string }): boolean => run === this.id;
    return {
      prefill: (event) => {
        const progress = event.done / Math.max(1, event.total);
        if (isOurs(event)) change({ kind: "phase", phase: "prefill", progress });
      },
      text: (event) => {
        if (!isOurs(event)) return;
        if (event.chain === 0) this.addText(event);
        this.chains?.count(event);
      },
      chainEnd: (event) => {
        if (isOurs(event)) this.chains?.end(event);
      },
      figures: ({ run, ...figures }) => {
        if (run === this.id) change({ kind: "figures", figures });
      },
      notice: (event) => {
        if (isOurs(event)) this.notice(event.message);
      },
    };
  }

  private addText({ channel, text, tokens }: EngineEvents["text"]): void {
    const at = this.said[channel];
    this.said[channel] += text.length;
    this.options.change({ kind: "text", channel, at, text, tokens, time: Date.now() });
  }
}

function failure(error: unknown): AnswerChange {
  const phase = error instanceof EngineEndedError ? "interrupted" : "failed";
  return { kind: "failed", phase, message: reasonOf(error) };
}
