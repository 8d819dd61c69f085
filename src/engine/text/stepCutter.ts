/**
 * Cuts a chain of thought into reasoning steps: where thinking and answer begin, after a blank
 * line, and before a sentence that opens like a new thought. An opener may be spread over tokens,
 * so tokens that could begin one wait until that is known.
 */
import type { StepRecord } from "../../shared/trace/records";
import type { SplitToken } from "./thinkingSplitter";
import { opensThought } from "./thoughtOpeners";

/** Fewer characters than this are no thought of their own: “Hmm.” joins what follows. */
const shortestStep = 16;
const longestTitle = 60;

export interface StepToken extends SplitToken {
  /** Place in the text. */
  position: number;
  step: number;
}

export class StepCutter {
  private readonly waiting: SplitToken[] = [];
  private readonly finished: StepRecord[] = [];
  private step: StepRecord;
  /** What the step shows so far. */
  private text = "";

  /** The prompt is step 0 and ends before `position`, where the reply begins. */
  constructor(
    chain: number,
    private position: number,
  ) {
    const title = "Prompt";
    this.step = { type: "step", chain, step: 0, firstPosition: 0, kind: "prompt", title };
    this.finished.push(this.step);
  }

  /** Tokens whose step is known. */
  push(token: SplitToken): StepToken[] {
    this.waiting.push(token);
    return this.release(false);
  }

  /** The text has ended: what waits opens no thought. */
  end(): StepToken[] {
    const tokens = this.release(true);
    this.finish();
    return tokens;
  }

  /** Steps that have got their title since the last call; each one once, in order. */
  takeRecords(): StepRecord[] {
    return this.finished.splice(0);
  }

  private release(atEnd: boolean): StepToken[] {
    const ready: StepToken[] = [];
    while (this.waiting.length > 0) {
      const begins = this.beginsStep(this.waiting[0]);
      if (begins === undefined && !atEnd) break;
      const token = this.waiting.shift() as SplitToken;
      if (begins) this.begin(token);
      ready.push({ ...token, position: this.position++, step: this.step.step });
      this.extend(shownText(token));
    }
    return ready;
  }

  /** Whether a step begins at the first waiting token; undefined while more must be seen. */
  private beginsStep(token: SplitToken): boolean | undefined {
    if (token.channel !== this.step.kind) return true;
    const shown = shownText(token);
    if (this.text.trim().length < shortestStep || shown.trim() === "") return false;
    const space = /^\s*/.exec(shown)?.[0] ?? "";
    if (/\n\s*\n\s*$/.test(this.text + space) || /\n\s*\n\s*\S/.test(shown)) return true;
    if (!/([.!?…]["'”’)\]*_]*\s|\n\s*)\s*$/.test(this.text + space)) return false;
    return opensThought(this.waiting.map(shownText).join(""));
  }

  private begin(token: SplitToken): void {
    this.finish();
    const { chain, step } = this.step;
    const firstPosition = this.position;
    this.step = {
      type: "step",
      chain,
      step: step + 1,
      firstPosition,
      kind: token.channel,
      title: "",
    };
    this.text = "";
  }

  private extend(text: string): void {
    this.text += text;
    if (this.step.title !== "") return;
    const start = this.text.trimStart();
    if (start.length > longestTitle || start.includes("\n")) this.name();
  }

  private name(): void {
    this.step.title = titleOf(this.text);
    this.finished.push(this.step);
  }

  private finish(): void {
    if (this.step.title === "") this.name();
  }
}

function shownText(token: SplitToken): string {
  return token.shown.map(({ text }) => text).join("");
}

/** The first line, cut between words; the same however the text falls into tokens. */
function titleOf(text: string): string {
  const line = text.trimStart().split("\n")[0];
  const plain = line.replace(/\*\*|^#+\s*/g, "");
  if (line.length <= longestTitle) return plain.trim() || "…";
  const cut = plain.slice(0, longestTitle);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), longestTitle / 2))}…`;
}
