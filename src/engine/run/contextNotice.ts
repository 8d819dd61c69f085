/** Told ahead: the reply will reach what the model can read before it reaches its own limit. */
import { count } from "../../shared/units";

/** Enough is left then to come to an answer, or to ask again otherwise. */
const saidAtShare = 7 / 8;

export class ContextNotice {
  private due: number;

  constructor(
    private readonly contextLength: number,
    promptTokens: number,
    maxTokens: number,
  ) {
    const isReached = promptTokens + maxTokens > contextLength;
    this.due = isReached ? Math.ceil(contextLength * saidAtShare) : Infinity;
  }

  /** Said once, when so many tokens are read. */
  at(position: number): string | undefined {
    if (position < this.due) return undefined;
    this.due = Infinity;
    return `${count(position)} of the ${count(this.contextLength)} tokens that this model reads are used, and the reply ends there: ask for less at once, begin a new conversation, or choose a model with a longer context.`;
  }
}
