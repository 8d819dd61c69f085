/** Tells a run to its host and its trace as it goes on: notices, text, figures, signs of life. */
import type { ChainEnd } from "../../shared/wire/engineApi";
import type { RunRecorder, SpokenToken } from "../trace/runRecorder";
import { type Emit, onceASecond, Outbox } from "./outbox";
import type { Reply } from "./reply";
import type { RunMeter } from "./runMeter";

export class RunReporter {
  /** To be called after each layer of a compaction. */
  readonly working: () => void;
  private readonly outbox: Outbox;

  /** run: its name in every event. recorder: absent where no trace is written. */
  constructor(
    private readonly run: string,
    private readonly emit: Emit,
    readonly recorder?: RunRecorder,
  ) {
    this.outbox = new Outbox(emit);
    this.working = onceASecond((done) => void emit("working", { done }));
  }

  notice(message: string): void {
    void this.emit("notice", { run: this.run, message });
  }

  prefill(done: number, total: number): void {
    void this.emit("prefill", { run: this.run, done, total });
  }

  /** Tokens of a reply, with the reasoning steps that have got their title. */
  speak(reply: Reply, tokens: readonly SpokenToken[]): void {
    const { run } = this;
    const chain = reply.chain.number;
    this.recorder?.tokens(chain, tokens);
    this.recorder?.append(reply.takeSteps());
    for (const { shown, step, channel } of tokens) {
      const pieces = shown.length > 0 ? shown : [{ channel, text: "" }];
      pieces.forEach((piece, i) =>
        this.outbox.text({ run, chain, ...piece, tokens: i === 0 ? 1 : 0, step }),
      );
    }
  }

  /** Told at once: there are as many as chains. */
  chainEnd(end: ChainEnd): void {
    void this.emit("chainEnd", { run: this.run, ...end });
  }

  /** The figures after a step, and what has gathered of the text if the wire is free. */
  step(meter: RunMeter, replies: readonly Reply[]): void {
    this.recorder?.append([meter.record()]);
    const reasoningSteps = Math.max(...replies.map((reply) => reply.reasoningSteps));
    const { run } = this;
    const { tokensPerSecond } = meter;
    this.outbox.latest({ run, tokensPerSecond, reasoningSteps, ...meter.cache() });
    this.outbox.pump();
  }

  /** Resolves when every text and figure has left. */
  flush(): Promise<void> {
    return this.outbox.flush();
  }
}
