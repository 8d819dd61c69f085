/**
 * How far the chains of an answer are. Only the first one's text is told as it grows: a page has no
 * use for sixteen, and each has its whole text in the end.
 */
import type { AnswerChain } from "../../shared/chat/chatState";
import type { ChainEnd, ChainResult, EngineEvents } from "../../shared/wire/engineApi";

const betweenTellingMillis = 200;

export class RunningChains {
  private chains: AnswerChain[];
  private toldAt = 0;

  constructor(
    count: number,
    private readonly tell: (chains: AnswerChain[]) => void,
  ) {
    const none = { thinking: "", text: "", thinkingTokens: 0, answerTokens: 0 };
    this.chains = Array.from({ length: count }, () => none);
  }

  /** Tokens of any chain; told a few times a second. */
  count({ chain, channel, tokens }: EngineEvents["text"]): void {
    const { thinkingTokens, answerTokens } = this.chains[chain];
    this.set(
      chain,
      channel === "thinking"
        ? { thinkingTokens: thinkingTokens + tokens }
        : { answerTokens: answerTokens + tokens },
    );
    if (performance.now() - this.toldAt >= betweenTellingMillis) this.tellNow();
  }

  /** Told at once. */
  end({ chain, stopReason, answer }: ChainEnd): void {
    this.set(chain, { stopReason, found: answer });
    this.tellNow();
  }

  /** All of them with their texts. */
  ended(results: readonly ChainResult[]): AnswerChain[] {
    return results.map(({ thinking, answer, stopReason }, i) => ({
      ...this.chains[i],
      thinking,
      text: answer,
      stopReason,
    }));
  }

  private set(chain: number, change: Partial<AnswerChain>): void {
    this.chains = this.chains.with(chain, { ...this.chains[chain], ...change });
  }

  private tellNow(): void {
    this.toldAt = performance.now();
    this.tell(this.chains);
  }
}
