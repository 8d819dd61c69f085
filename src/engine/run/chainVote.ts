/**
 * Counts what the chains of a run answer as they end, and ends those that can no longer change it.
 * The loop never waits for it: an answer counts once the Worker has decoded it, and until then the
 * other chains go on, a step or two longer than they must.
 */
import { finalAnswer } from "../../shared/answers/finalAnswer";
import { type Ballot, countVotes, isSettled, type Vote } from "../../shared/answers/vote";
import type { ChainEnd } from "../../shared/wire/engineApi";
import type { Reply } from "./reply";

export class ChainVote {
  private readonly ballots: Ballot[] = [];
  /** Of each chain that has ended: resolves when its answer is counted. */
  private readonly counting = new Map<Reply, Promise<void>>();
  private counted = 0;
  private hasSettled = false;

  /** onEnd: told of each chain once its answer is counted. */
  constructor(
    private readonly replies: readonly Reply[],
    private readonly onEnd: (end: ChainEnd) => void,
  ) {}

  /** To be called after every step. */
  follow(): void {
    this.countEnded();
    if (this.hasSettled) for (const { chain } of this.replies) chain.end("settled");
  }

  /** Once every chain has ended. Rejects with a TextError. Undefined where none came to an answer. */
  async result(): Promise<Vote | undefined> {
    this.countEnded();
    await Promise.all(this.counting.values());
    return countVotes(this.ballots, this.replies.length);
  }

  private countEnded(): void {
    for (const reply of this.replies) {
      if (!reply.chain.stopReason || this.counting.has(reply)) continue;
      const counting = this.count(reply);
      // Whoever awaits `result` sees the failure.
      counting.catch(() => undefined);
      this.counting.set(reply, counting);
    }
  }

  /** A reply that was cut came to no answer. */
  private async count(reply: Reply): Promise<void> {
    const { answer: text, stopReason } = await reply.finish();
    const answer = stopReason === "end" ? finalAnswer(text) : undefined;
    const { number: chain, meanLogProb } = reply.chain;
    if (answer !== undefined) this.ballots.push({ chain, answer, meanLogProb });
    this.counted += 1;
    this.hasSettled = isSettled(this.ballots, this.replies.length - this.counted);
    this.onEnd({ chain, stopReason, answer });
  }
}
