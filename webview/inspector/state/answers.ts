import { reasonOf } from "../../../src/shared/reasonOf";
import { inPieces, onePiece, type Work } from "../model/pieces";
import { Kept } from "./kept";

/** Why something that was asked for is not there; where it failed, in words, and how to try again. */
export type Absence =
  | { kind: "asked" }
  /** The trace does not hold all of it, or not yet. */
  | { kind: "missing" }
  | { kind: "failed"; message: string; again: () => void };

interface Question {
  answer: Promise<unknown>;
  /** How often the trace had grown when it was asked. */
  growths: number;
  absence: Absence;
}

const asked: Absence = { kind: "asked" };
const missing: Absence = { kind: "missing" };

/**
 * What was loaded or counted, by name. One rule: what is there stays until others need its room;
 * what is not there, or failed, is asked for again once the trace has grown. A failure may be tried
 * again before that.
 */
export class Answers {
  private readonly kept = new Kept();
  /** What was asked and is not there. */
  private readonly questions = new Map<string, Question>();
  private readonly counting = new Set<string>();
  private growths = 0;

  /** @param arrived called when what was asked for is there, or known not to be */
  constructor(private readonly arrived: () => void) {}

  /** More of the trace was read: what was missing, or half written, may be there now. */
  grown(): void {
    this.growths++;
  }

  /** The answer, or undefined: then `arrived` says when to look again, and `absence` why. */
  recall<T>(name: string, load: () => Promise<T | undefined>): T | undefined {
    const found = this.kept.get<T>(name);
    if (found === undefined) this.question(name, load, true);
    return found;
  }

  /** The same, for those who can wait; undefined where it is missing. Rejects where it failed. */
  once<T>(name: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = this.kept.get<T>(name);
    if (found !== undefined) return Promise.resolve(found);
    return this.question(name, load, false).answer as Promise<T | undefined>;
  }

  /** What is kept under that name, without asking for it. */
  peek<T>(name: string): T | undefined {
    return this.kept.get<T>(name);
  }

  /** Why `recall` has nothing under that name. */
  absence(name: string): Absence {
    return this.questions.get(name)?.absence ?? asked;
  }

  /** Joins those who ask already, of as much of the trace. */
  private question<T>(
    name: string,
    load: () => Promise<T | undefined>,
    isWatched: boolean,
  ): Question {
    const known = this.questions.get(name);
    if (known?.growths === this.growths) return known;
    const question: Question = { answer: load(), growths: this.growths, absence: asked };
    this.questions.set(name, question);
    question.answer
      .then(
        (value) => this.answered(name, question, value),
        (error: unknown) => (question.absence = this.failure(error)),
      )
      .finally(() => {
        if (isWatched) this.arrived();
      });
    return question;
  }

  private answered(name: string, question: Question, value: unknown): void {
    question.absence = missing;
    if (value === undefined) return;
    this.kept.set(name, value);
    this.questions.delete(name);
  }

  private failure(error: unknown): Absence {
    const again = (): void => {
      for (const [name, { absence }] of this.questions)
        if (absence.kind === "failed") this.questions.delete(name);
      this.arrived();
    };
    return {
      kind: "failed",
      message: reasonOf(error),
      again,
    };
  }

  /**
   * Something counted: at once where that takes no longer than a piece of a frame, else between the
   * frames. Of one topic one thing is counted at a time.
   */
  counted<T>(topic: string, name: string, count: () => Work<T>): T | undefined {
    const found = this.kept.get<T>(name);
    if (found !== undefined || this.counting.has(topic)) return found;
    const work = count();
    const piece = onePiece(work);
    if (!piece.done) void this.countOn(topic, name, work);
    else this.keepCount(topic, name, piece.value);
    return piece.done ? piece.value : undefined;
  }

  /** The newest count of a topic, for those to whom an older one is better than none. */
  lastCounted<T>(topic: string): T | undefined {
    return this.kept.get<T>(newest(topic));
  }

  private async countOn(topic: string, name: string, work: Work<unknown>): Promise<void> {
    this.counting.add(topic);
    this.keepCount(topic, name, await inPieces(work));
    this.counting.delete(topic);
    this.arrived();
  }

  private keepCount(topic: string, name: string, value: unknown): void {
    this.kept.set(newest(topic), value);
    this.kept.set(name, value);
  }
}

const newest = (topic: string): string => `newest ${topic}`;
