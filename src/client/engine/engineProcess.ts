/**
 * One engine process: fork, typed requests and events, and an end that nothing outlives.
 * Every request settles: with its result, with an error, or with the process's end.
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import {
  type CancellationToken,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type {
  EngineEvents,
  EngineRequests,
  GenerateParams,
  GenerationEnd,
} from "../../shared/wire/engineApi";
import { heartbeat } from "../../shared/wire/heartbeat";
import type { ModelTrial } from "../../shared/wire/modelTrial";
import { type Listeners, listen, request } from "../../shared/wire/wire";
import { rememberCrash } from "./crashRecords";
import { type EngineEnd, EngineEndedError } from "./engineEnd";
import { debugPort, engineEnvironment } from "./engineEnvironment";
import { HeartbeatWatch } from "./heartbeatWatch";
import { ProgressWatchdog } from "./progressWatchdog";

export interface EngineOptions {
  /** Path of dist/engine.js. */
  script: string;
  /** Gets what the process writes to stdout and stderr, in pieces. */
  log?: (text: string) => void;
}

const stallMillis = 60_000;
/** A session is created in one silent call, which reads the weights: slowest disk we wait for. */
const slowestBytesPerMilli = 50_000;
const cancelMillis = 10_000;
const lastWordsLength = 4_096;

export class EngineProcess {
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<EngineEnd>;
  /** Its end was wanted: what it still owed is no failure. */
  isDisposed = false;
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  private readonly subscribers = new Set<Listeners<EngineEvents>>();
  private readonly watchdogs = new Set<ProgressWatchdog>();
  private readonly debugPort = debugPort(process.env);
  private lastWords = "";
  private because: string | undefined;
  private isSuspended = false;
  private trial: ModelTrial | undefined;

  constructor(private readonly options: EngineOptions) {
    this.child = fork(options.script, [], {
      execPath: process.execPath,
      execArgv: this.debugPort === undefined ? [] : [`--inspect=${this.debugPort}`],
      env: engineEnvironment(process.env),
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    });
    this.ended = this.watchEnd().then(rememberCrash);
    this.watchHeartbeat();
    this.connection = createMessageConnection(
      new IPCMessageReader(this.child),
      new IPCMessageWriter(this.child),
    );
    listen<EngineEvents>(this.connection, this.relay());
    this.connection.listen();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Calls the listeners until the returned function is called. */
  subscribe(listeners: Listeners<EngineEvents>): () => void {
    this.subscribers.add(listeners);
    return () => this.subscribers.delete(listeners);
  }

  /** Rejects with an EngineEndedError if the process ends first, which it does if it hangs. */
  async request<K extends keyof EngineRequests>(
    name: K,
    params: EngineRequests[K]["params"],
    token?: CancellationToken,
  ): Promise<EngineRequests[K]["result"]> {
    const watchdog = this.watch(name, params);
    try {
      return await Promise.race([
        request<EngineRequests, K>(this.connection, name, params, token),
        this.ended.then((end) => Promise.reject(new EngineEndedError(end))),
      ]);
    } catch (error) {
      // A write to a process that is just ending fails before its end is known.
      if (!this.child.connected) throw new EngineEndedError(await this.ended);
      throw error;
    } finally {
      watchdog.dispose();
      this.watchdogs.delete(watchdog);
    }
  }

  /** An abort lets the run end with what it has. */
  async generate(params: GenerateParams, signal: AbortSignal): Promise<GenerationEnd> {
    signal.throwIfAborted();
    const generating = this.request("generate", params);
    const cancel = (): void => {
      this.cancel(params.run, generating).catch(() => this.kill("because it refused to stop"));
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await generating;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Cancels a run; a process that does not let go of it is killed. `settled` is the run's end. */
  async cancel(run: string, settled: Promise<unknown>): Promise<void> {
    const timer = setTimeout(
      () => this.kill(`because it did not stop within ${cancelMillis / 1000} s`),
      cancelMillis,
    );
    try {
      await this.request("cancel", { run });
      await settled.catch(() => undefined);
    } catch (error) {
      if (!(error instanceof EngineEndedError)) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process at once, however busy it is. `because` completes “The engine was stopped …”. */
  kill(because: string): void {
    this.because ??= because;
    this.child.kill("SIGKILL");
  }

  /** Ends the process, whatever it does, and waits until it is gone. */
  async dispose(): Promise<void> {
    this.isDisposed = true;
    this.kill("because it is no longer needed");
    await this.ended;
  }

  private relay(): Required<Listeners<EngineEvents>> {
    return {
      trying: ({ trial }) => (this.trial = trial),
      loading: (event) => this.publish("loading", event),
      prefill: (event) => this.publish("prefill", event),
      text: (event) => this.publish("text", event),
      chainEnd: (event) => this.publish("chainEnd", event),
      figures: (event) => this.publish("figures", event),
      notice: (event) => this.publish("notice", event),
      answering: (event) => this.publish("answering", event),
      replaying: (event) => this.publish("replaying", event),
      working: (event) => this.publish("working", event),
    };
  }

  private publish<K extends keyof EngineEvents>(name: K, event: EngineEvents[K]): void {
    const tokens = name === "text" ? (event as EngineEvents["text"]).tokens : 0;
    for (const watchdog of this.watchdogs)
      if (tokens > 0) watchdog.tokens(tokens);
      else if (name !== "notice" && name !== "figures") watchdog.progress();
    for (const listeners of this.subscribers) listeners[name]?.(event);
  }

  private watch(name: string, params: unknown): ProgressWatchdog {
    const wait = stallMillis + folderBytes(params) / slowestBytesPerMilli;
    const watchdog = new ProgressWatchdog(wait, (millis) => {
      if (this.debugPort !== undefined) return; // It stands at a breakpoint, or is about to be looked at.
      this.kill(`because “${name}” made no progress for ${Math.round(millis / 1000)} s`);
    });
    this.watchdogs.add(watchdog);
    return watchdog;
  }

  private watchHeartbeat(): void {
    const beats = this.child.stdio[heartbeat.descriptor] as Readable | undefined;
    if (!beats) return; // The process could not be made, and its end says so.
    const watch = new HeartbeatWatch(beats, (millis) => {
      this.isSuspended = true;
      this.kill(`because nothing in it ran for ${millis / 1000} s; ask again to start another one`);
    });
    void this.ended.then(() => watch.dispose());
  }

  private watchEnd(): Promise<EngineEnd> {
    this.child.stdout?.on("data", (data: Buffer) => this.options.log?.(data.toString()));
    this.child.stderr?.on("data", (data: Buffer) => {
      this.lastWords = (this.lastWords + data.toString()).slice(-lastWordsLength);
      this.options.log?.(data.toString());
    });
    return new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        const { because, isSuspended, trial, lastWords } = this;
        resolve({ code, signal, because, isSuspended, trial, lastWords });
      };
      this.child.on("close", end);
      this.child.on("error", (error) => {
        this.lastWords += error.message;
        if (this.child.pid === undefined) end(null, null);
      });
    });
  }
}

/** Bytes of the files where a request's model lies, or 0. */
function folderBytes(params: unknown): number {
  if (typeof params !== "object" || params === null || !("folder" in params)) return 0;
  const named = String(params.folder);
  const folder = named.endsWith(".onnx") ? path.dirname(named) : named;
  try {
    return fileBytes(folder) + fileBytes(path.join(folder, "onnx"));
  } catch {
    return 0; // The engine says better what is wrong with the folder.
  }
}

function fileBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
  return sizes.reduce((sum, size) => sum + size, 0);
}
