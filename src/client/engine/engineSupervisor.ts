/**
 * Keeps at most one model loaded, in a process of its own, and decides what happens when that
 * process goes: the next use starts another one, unless it would only crash again.
 */
import type { LoadParams, ModelInfo } from "../../shared/wire/engineApi";
import { reasonOf } from "../../shared/reasonOf";
import { describeEnd, type EngineEnd, EngineEndedError, isCrash, isOwnFault } from "./engineEnd";
import { type EngineOptions, EngineProcess } from "./engineProcess";
import { RunQueue, unlessAborted } from "./runQueue";

export type ModelChoice = LoadParams;

/** fraction: 0 to 1 of the stage, where that is known. message: a sentence to be shown. */
export type SupervisorStatus =
  | { kind: "idle" }
  | { kind: "loading"; folder: string; stage: string; fraction?: number }
  | { kind: "ready"; folder: string; info: ModelInfo }
  | { kind: "failed"; folder: string; message: string };

export interface SupervisorOptions extends EngineOptions {
  /** 0 keeps a model loaded until it is unloaded by hand. */
  idleMillis: () => number;
  onStatus: (status: SupervisorStatus) => void;
  /** Asked before each start: why none may start now, in a sentence for the person. */
  whyNoEngine?: () => string | undefined;
  /** One sentence for the person, when the supervisor does something that was not asked for. */
  onNotice: (message: string) => void;
}

/** A model that is loaded, and the process that holds it. */
export interface ReadyModel {
  engine: EngineProcess;
  info: ModelInfo;
}

interface Held {
  key: string;
  engine: EngineProcess;
  loading: Promise<ReadyModel>;
}

const crashWindowMillis = 3 * 60_000;
const mostCrashes = 4;
const mostDeviceCrashes = 2;

export class EngineSupervisor {
  status: SupervisorStatus = { kind: "idle" };
  private held: Held | undefined;
  private readonly runs = new RunQueue();
  /** The models that somebody uses or waits for. */
  private readonly wanted = new Set<ModelChoice>();
  private idleTimer: NodeJS.Timeout | undefined;
  private crashes: number[] = [];
  private onCpu = false;
  private readonly loadCrashes = new Map<string, string>();

  constructor(private readonly options: SupervisorOptions) {}

  /** Of the process that holds or loads the model. */
  get enginePid(): number | undefined {
    return this.held?.engine.pid;
  }

  /** Runs `work` with the model loaded, which stays loaded for a while after. */
  use<T>(
    choice: ModelChoice,
    work: (model: ReadyModel) => Promise<T>,
    signal = new AbortController().signal,
  ): Promise<T> {
    return this.wanting(choice, async () => work(await unlessAborted(this.load(choice), signal)));
  }

  /**
   * As `use`, after the runs that were asked for before. Rejects with the signal's reason if it is
   * aborted before `work` begins; from then on `work` sees to it itself.
   */
  run<T>(
    choice: ModelChoice,
    work: (model: ReadyModel) => Promise<T>,
    { signal, onPhase }: { signal: AbortSignal; onPhase?: (phase: "waiting" | "loading") => void },
  ): Promise<T> {
    const start = (): Promise<T> => {
      onPhase?.("loading");
      return this.use(choice, work, signal);
    };
    const wait = (): void => onPhase?.("waiting");
    return this.wanting(choice, () => this.runs.run(start, signal, wait));
  }

  /** Runs `work` in a process of its own that ends with it: for a model that is not the loaded one. */
  async useApart<T>(work: (engine: EngineProcess) => Promise<T>): Promise<T> {
    const engine = this.newEngine();
    try {
      return await work(engine);
    } finally {
      await engine.dispose();
    }
  }

  /** Forgets the crashes so far: the person asked to try again. */
  allowAnotherTry(): void {
    this.crashes = [];
    this.loadCrashes.clear();
    this.onCpu = false;
  }

  /** Ends the engine, if there is one, and what it was doing. */
  async unload(): Promise<void> {
    const held = this.held;
    this.held = undefined;
    clearTimeout(this.idleTimer);
    if (held) await held.engine.dispose();
    if (!this.held) this.setStatus({ kind: "idle" });
  }

  /** Kills whatever runs, without waiting: the host is about to end. */
  dispose(): void {
    this.held?.engine.kill("because the window closes");
    clearTimeout(this.idleTimer);
  }

  private async load(asked: ModelChoice): Promise<ReadyModel> {
    const choice = this.settleDevice(asked);
    const key = keyOf(choice);
    if (this.held?.key !== key) {
      this.refuseIfHopeless(key);
      if (this.held) await this.unload();
      this.held ??= this.start(key, choice);
    }
    return this.held.key === key ? this.held.loading : this.load(asked);
  }

  private start(key: string, choice: ModelChoice): Held {
    const engine = this.newEngine();
    const held = { key, engine, loading: this.loadInto(engine, key, choice) };
    held.loading.catch(() => undefined);
    void engine.ended.then((end) => this.onEnd(held, choice, end));
    return held;
  }

  /** The only place where one starts. */
  private newEngine(): EngineProcess {
    const reason = this.options.whyNoEngine?.();
    if (reason !== undefined) throw new Error(reason);
    return new EngineProcess(this.options);
  }

  private async loadInto(
    engine: EngineProcess,
    key: string,
    choice: ModelChoice,
  ): Promise<ReadyModel> {
    const { folder } = choice;
    this.setStatus({ kind: "loading", folder, stage: "start" });
    const unsubscribe = engine.subscribe({
      loading: (event) => this.setStatus({ kind: "loading", folder, ...event }),
    });
    try {
      const info = await engine.request("load", choice);
      this.setStatus({ kind: "ready", folder, info });
      return { engine, info };
    } catch (error) {
      this.onLoadFailure(engine, key, folder, error);
      throw error;
    } finally {
      unsubscribe();
    }
  }

  private onLoadFailure(engine: EngineProcess, key: string, folder: string, error: unknown): void {
    if (engine.isDisposed) return;
    const message = reasonOf(error);
    if (error instanceof EngineEndedError && isOwnFault(error.end))
      this.loadCrashes.set(key, message);
    if (this.held?.engine === engine) this.held = undefined;
    engine.kill("because its model could not be loaded");
    this.setStatus({ kind: "failed", folder, message });
  }

  private onEnd(held: Held, { folder }: ModelChoice, end: EngineEnd): void {
    if (isCrash(end)) this.crashes = [...this.recentCrashes(), Date.now()];
    if (this.held !== held) return;
    this.held = undefined;
    this.setStatus({ kind: "failed", folder, message: describeEnd(end) });
  }

  private recentCrashes(): number[] {
    return this.crashes.filter((at) => Date.now() - at < crashWindowMillis);
  }

  private refuseIfHopeless(key: string): void {
    const reason = this.loadCrashes.get(key);
    if (reason !== undefined)
      throw new Error(
        `This model crashed the engine while it was loaded, so it is not tried again by itself. ${reason}`,
      );
    if (this.recentCrashes().length > mostCrashes)
      throw new Error(
        `The engine crashed ${this.recentCrashes().length} times within three minutes and is not started again by itself. Choose “Start again”, another device or another model.`,
      );
  }

  /** A device chosen by itself that crashed the engine is left alone from then on. */
  private settleDevice(asked: ModelChoice): ModelChoice {
    if (asked.device !== "auto") return asked;
    const lostDevice = this.recentCrashes().length >= mostDeviceCrashes;
    if (!this.onCpu && (lostDevice || this.loadCrashes.has(keyOf(asked)))) {
      this.onCpu = true;
      this.options.onNotice("The engine crashed on its device, so models run on the CPU now.");
    }
    return this.onCpu ? { ...asked, device: "cpu" } : asked;
  }

  private async wanting<T>(choice: ModelChoice, work: () => Promise<T>): Promise<T> {
    const want = { ...choice };
    this.wanted.add(want);
    clearTimeout(this.idleTimer);
    try {
      return await work();
    } finally {
      this.wanted.delete(want);
      await this.dropUnwantedLoad();
      this.waitIdle();
    }
  }

  /** Everybody who waited for the model that loads has been told to stop. */
  private async dropUnwantedLoad(): Promise<void> {
    const { status } = this;
    if (status.kind !== "loading") return;
    if (![...this.wanted].some(({ folder }) => folder === status.folder)) await this.unload();
  }

  private waitIdle(): void {
    const millis = this.options.idleMillis();
    if (this.wanted.size > 0 || millis === 0 || !this.held) return;
    this.idleTimer = setTimeout(() => void this.unload(), millis);
    this.idleTimer.unref();
  }

  private setStatus(status: SupervisorStatus): void {
    this.status = status;
    this.options.onStatus(status);
  }
}

function keyOf({ folder, device, fullActivations = false }: ModelChoice): string {
  return JSON.stringify([folder, device, fullActivations]);
}
