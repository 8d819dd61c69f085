/** What the chat shows; how it changes: chatChange.ts. */
import type { Vote } from "../answers/vote";
import type { CacheFigures, GenerationEnd, ModelInfo } from "../wire/engineApi";
import type { CacheSettings } from "../settings/settings";

/** Something of the editor's that goes to the model with a question. */
export interface Attachment {
  id: string;
  /** As shown on its chip: “main.ts:10–24”. */
  label: string;
  language: string;
  text: string;
}

/** What a person asked; the attachments go to the model before the text. */
export interface Question {
  text: string;
  attachments: Attachment[];
}

/** What happens for an answer; one that is waiting lets another end first. The last four are final. */
export const answerPhases = [
  "waiting",
  "loading",
  "prefill",
  "thinking",
  "answering",
  "done",
  "stopped",
  "failed",
  "interrupted",
] as const;
export type AnswerPhase = (typeof answerPhases)[number];

export type LiveFigures = CacheFigures & { tokensPerSecond: number; reasoningSteps: number };

/** One point of the gauge: how much the cache held when the text was so long, in tokens. */
export interface GaugePoint {
  position: number;
  retained: number;
}

/** One of several chains that answer a question and vote. */
export interface AnswerChain {
  /** Both empty while it runs. */
  thinking: string;
  text: string;
  thinkingTokens: number;
  answerTokens: number;
  /** Absent while it runs. */
  stopReason?: string;
  /** What it came to, short enough to be counted; absent where it came to nothing. */
  found?: string;
}

export interface AnswerEnd extends Omit<GenerationEnd, "chains" | "vote"> {
  stopReason: string;
  /** What to know where the question is outside of what the model was made for. */
  hint?: string;
}

export interface Answer {
  /** Names the run, its trace and its place in the inspector. */
  id: string;
  model: string;
  device: string;
  phase: AnswerPhase;
  /** All that think, by their numbers; absent for one. */
  chains?: AnswerChain[];
  /** Absent until they have voted, and where none came to an answer. */
  vote?: Vote;
  /** Share of the loading or the prefill that is done, 0 to 1; absent where unknown. */
  progress?: number;
  /** Of several chains, the first one's while they run, and then that of one that agrees. */
  thinking: string;
  text: string;
  thinkingTokens: number;
  answerTokens: number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** From the first to the last token of the thinking. */
  thinkingMillis: number;
  thinkingSince?: number;
  figures?: LiveFigures;
  gauge: GaugePoint[];
  end?: AnswerEnd;
  /** What happened on the way that the person should know, one sentence each. */
  notices: string[];
  /** Why it failed, and what to do next. */
  error?: string;
  /** True from the run's beginning on, as long as its trace is stored. */
  hasTrace: boolean;
}

/** A question and its answer; regenerating puts another answer in the same turn. */
export interface Turn {
  id: string;
  question: Question;
  answer: Answer;
}

/** Whole, as it is kept in its file; times are milliseconds since 1970. */
export interface Conversation {
  id: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  draft: string;
  turns: Turn[];
}

/** What the list of conversations shows of one. */
export interface ConversationSummary {
  id: string;
  title: string;
  updatedAt: number;
  turns: number;
  /** An answer of it is being written. */
  isRunning?: boolean;
}

/** Of the model that would answer now. */
export type EngineStatus =
  | { kind: "idle"; model: string }
  | { kind: "loading"; model: string; stage: string; fraction?: number }
  /** scope: what the model was made for, in a sentence; absent for a general one. */
  | { kind: "ready"; info: ModelInfo; scope?: string }
  | { kind: "failed"; model: string; message: string };

/** What the host can do beside chatting; a view hides what is not there. */
export interface HostAbilities {
  /** An editor to insert code in and to attach selections from. */
  editor: boolean;
  /** Pickers of its own for budget, policy and model; without them the view shows a menu. */
  pickers: boolean;
}

/** All that a view needs to draw itself. */
export interface ChatState {
  abilities: HostAbilities;
  conversations: ConversationSummary[];
  conversation: Conversation;
  /** Waiting in the composer for the next question. */
  attachments: Attachment[];
  cache: CacheSettings;
  /** How many chains think about the next question. */
  chains: number;
  engine: EngineStatus;
  /** What happened to stored files, one sentence each, until the person has read them. */
  notices: string[];
}

/** From the question on until the answer is final, whatever it ends with. */
export function isRunning(answer: Answer): boolean {
  return ["waiting", "loading", "prefill", "thinking", "answering"].includes(answer.phase);
}
