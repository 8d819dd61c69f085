import { mean } from "d3";
import { countVotes, type Vote } from "../../../src/shared/answers/vote";
import type { TraceItem } from "../../../src/shared/trace/reader";
import type { TraceHeader } from "../../../src/shared/trace/records";
import { ChainBrief } from "./chainBrief";

/** Chains that are told of at most: as many as a run may be asked for. */
const mostChains = 64;
/** Numbers that all of them keep together, two bytes each. */
const mostNumbers = 8_000_000;

/** One chain as it stands beside the others. */
export interface Chain {
  chain: number;
  /** Of its reply. */
  tokens: number;
  answer: string | undefined;
}

/** The chains of a run, as far as its trace was read. */
export interface Chains {
  all: Chain[];
  /** Chains of the run; more than are told of, where it has very many. */
  of: number;
  promptTokens: number;
  /** [chains, promptTokens] share of all layers and heads that hold each token, 0 to 1; NaN if unread. */
  held: Float32Array;
  /** Undefined where none has answered. */
  vote: Vote | undefined;
  /** Whether they ask for too much memory, and are told as far as that went. */
  isCut: boolean;
}

/** Takes in the records of a trace and tells its chains side by side. */
export class ChainsTeller {
  private readonly briefs: ChainBrief[];
  private numbers = 0;

  constructor(private readonly header: TraceHeader) {
    const claim = (more: number): void => {
      this.numbers += more;
      if (this.numbers > mostNumbers)
        throw new RangeError("its chains hold more of the prompt than can be told side by side");
    };
    const length = Math.min(header.chains, mostChains);
    this.briefs = Array.from({ length }, (_, chain) => new ChainBrief(header, chain, claim));
  }

  /** Takes in the next record. Throws a RangeError where it asks for too much memory. */
  add(record: TraceItem): void {
    if ("chain" in record) this.briefs[record.chain]?.add(record);
    else for (const brief of this.briefs) brief.add(record);
  }

  tell(): Chains {
    const ballots = this.briefs.flatMap(({ chain, answer, meanLogProb }) =>
      answer === undefined ? [] : [{ chain, answer, meanLogProb }],
    );
    const promptTokens = Math.max(...this.briefs.map((brief) => brief.promptTokens));
    const held = new Float32Array(this.briefs.length * promptTokens).fill(NaN);
    const all = this.briefs.map((brief, index): Chain => {
      held.set(brief.promptHeld(), index * promptTokens);
      const { chain, answer } = brief;
      return { chain, answer, tokens: brief.tokens - brief.promptTokens };
    });
    const of = this.header.chains;
    const isCut = this.numbers > mostNumbers;
    return { all, of, promptTokens, held, vote: countVotes(ballots, of), isCut };
  }
}

/** Chains of the majority, and the others. */
export function sides({ all, vote }: Chains): [agreeing: Chain[], others: Chain[]] {
  const isAgreeing = ({ chain }: Chain): boolean => vote?.chains.includes(chain) ?? false;
  return [all.filter(isAgreeing), all.filter((chain) => !isAgreeing(chain))];
}

/** Mean share of heads by which some of the chains hold a token of the prompt. */
function meanHeld({ held, promptTokens }: Chains, some: Chain[], position: number): number {
  return mean(some, ({ chain }) => held[chain * promptTokens + position]) ?? NaN;
}

/** A token of the prompt, and the shares of heads by which the majority and the others hold it. */
export interface HeldBySides {
  position: number;
  agreeing: number;
  others: number;
}

/** Of each token of the prompt; NaN where all chains agree, or none has answered. */
export function heldBySides(chains: Chains): HeldBySides[] {
  const [agreeing, others] = sides(chains);
  return Array.from({ length: chains.promptTokens }, (_, position) => {
    const [mine, theirs] = [agreeing, others].map((side) => meanHeld(chains, side, position));
    return { position, agreeing: mine, others: theirs };
  });
}

/** Difference of the shares, from −1 to 1. */
export const keptMore = ({ agreeing, others }: HeldBySides): number => agreeing - others;

/** From here on, a difference is worth a word. */
export const clearDifference = 0.05;

/** Tokens that the majority holds clearly more of than the others, the largest difference first. */
export function clearlyKept(chains: Chains): HeldBySides[] {
  const tokens = heldBySides(chains).filter((token) => keptMore(token) >= clearDifference);
  return tokens.sort((a, b) => keptMore(b) - keptMore(a));
}
