import { finalAnswer } from "../../../src/shared/answers/finalAnswer";
import type { LayerDecision } from "../../../src/shared/trace/cells";
import type { TraceItem } from "../../../src/shared/trace/reader";
import type { StepRecord, TokensRecord, TraceHeader } from "../../../src/shared/trace/records";

/**
 * What one chain came to, in brief: its answer, its length, and what its heads hold of the prompt
 * after its last compaction. Holds no more than that, so that many chains can be told at once.
 */
export class ChainBrief {
  tokens = 0;
  promptTokens = 0;
  private logProbs = 0;
  private stopReason: string | undefined;
  /** Of the newest step on, or of the whole answer. */
  private readonly texts: string[] = [];
  private textsFrom = 0;
  private isAnswering = false;
  /** Where the compaction happened whose layers come. */
  private compactedAt = 0;
  /** [promptTokens] heads of each layer that decided something which hold each token. */
  private readonly held = new Map<number, Uint16Array>();

  /** @param claim told of the numbers that are kept, before they are; throws where they are too many */
  constructor(
    private readonly header: TraceHeader,
    readonly chain: number,
    private readonly claim: (numbers: number) => void,
  ) {}

  /** Takes in the next record of this chain, or of the run. */
  add(record: TraceItem): void {
    switch (record.type) {
      case "tokens":
        return this.addTokens(record);
      case "step":
        return this.addStep(record);
      case "compaction":
        this.compactedAt = record.position;
        return;
      case "compactionLayer":
        return this.addDecision(record);
      case "end":
        // The trace says only of its first chain why it stopped.
        if (this.chain === 0) this.stopReason = record.stopReason;
        return;
      case "settings":
      case "figures":
      case "divergence":
        return;
      default:
        return record satisfies never;
    }
  }

  /** As chains are counted; undefined where it has none, or was stopped before its end. */
  get answer(): string | undefined {
    if (!this.isAnswering || (this.stopReason ?? "end") !== "end") return undefined;
    return finalAnswer(this.texts.join(""));
  }

  /** Mean natural log of its tokens' probabilities; 0 of none. */
  get meanLogProb(): number {
    return this.logProbs / Math.max(1, this.tokens - this.promptTokens);
  }

  /** [promptTokens] share of all layers and heads that hold each token, 0 to 1. */
  promptHeld(): Float32Array {
    const { layers, kvHeads } = this.header;
    const undecided = (layers - this.held.size) * kvHeads;
    const heads = new Float32Array(this.promptTokens).fill(undecided);
    for (const layer of this.held.values())
      for (let position = 0; position < heads.length; position++)
        heads[position] += layer[position] ?? kvHeads;
    return heads.map((held) => held / (layers * kvHeads));
  }

  private addTokens({ firstPosition, texts, logProbs, isPrompt }: TokensRecord): void {
    this.tokens = firstPosition + texts.length;
    if (isPrompt) this.promptTokens = this.tokens;
    else for (const logProb of logProbs) this.logProbs += logProb;
    for (const text of texts.slice(Math.max(0, this.textsFrom - firstPosition)))
      this.texts.push(text);
  }

  /** An answer of several steps is one; of what was said before a step nothing is needed. */
  private addStep({ kind, firstPosition }: StepRecord): void {
    if (kind === "answer" && this.isAnswering) return;
    this.isAnswering = kind === "answer";
    this.texts.splice(0, Math.max(0, firstPosition - this.textsFrom));
    this.textsFrom = Math.max(this.textsFrom, firstPosition);
  }

  private addDecision({ layer, kvHeads, slots, positions, retained }: LayerDecision): void {
    const { promptTokens, compactedAt } = this;
    if (this.held.get(layer)?.length !== promptTokens) this.claim(promptTokens);
    // What was not yet read when the layer decided is held by all.
    const held = new Uint16Array(promptTokens).fill(kvHeads, compactedAt);
    for (let cell = 0; cell < kvHeads * slots; cell++)
      if (retained[cell] && positions[cell] < Math.min(promptTokens, compactedAt))
        held[positions[cell]]++;
    this.held.set(layer, held);
  }
}
