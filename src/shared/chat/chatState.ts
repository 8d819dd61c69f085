/**
 * What the chat shows, and how it changes. The host applies each change to its own copy and sends
 * it on; a view starts from a snapshot and applies the same changes with the same function, so
 * that its text cannot differ from the host's.
 */
import type { CacheFigures, ChatMessage, GenerationEnd, ModelInfo } from "../wire/engineApi";
import type { CacheSettings } from "../settings/settings";

/** Something of the editor's that goes to the model with a question. */
export interface Attachment {
  id: string;
  /** As shown on its chip: “main.ts:10–24”. */
  label: string;
  language: string;
  text: string;
}

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

export interface AnswerEnd extends Omit<GenerationEnd, "chains"> {
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
  /** Share of the loading or the prefill that is done, 0 to 1; absent where unknown. */
  progress?: number;
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

export interface Turn {
  id: string;
  question: Question;
  answer: Answer;
}

export interface Conversation {
  id: string;
  title: string;
  createdAt: number;
  updatedAt: number;
  draft: string;
  turns: Turn[];
}

export interface ConversationSummary {
  id: string;
  title: string;
  updatedAt: number;
  turns: number;
  /** An answer of it is being written. */
  isRunning?: boolean;
}

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

export interface ChatState {
  abilities: HostAbilities;
  conversations: ConversationSummary[];
  conversation: Conversation;
  /** Waiting in the composer for the next question. */
  attachments: Attachment[];
  cache: CacheSettings;
  engine: EngineStatus;
  /** What happened to stored files, one sentence each, until the person has read them. */
  notices: string[];
}

export type AnswerChange =
  | { kind: "phase"; phase: AnswerPhase; progress?: number }
  | { kind: "model"; model: string; device: string }
  /** Goes to the end of the channel, which is `at` characters long before it. */
  | {
      kind: "text";
      channel: "thinking" | "answer";
      at: number;
      text: string;
      tokens: number;
      /** Milliseconds since 1970. */
      time: number;
    }
  | { kind: "figures"; figures: LiveFigures }
  | { kind: "notice"; message: string }
  | { kind: "ended"; end: NonNullable<Answer["end"]> }
  | { kind: "failed"; phase: "failed" | "interrupted"; message: string }
  | { kind: "traceGone" };

export type ConversationChange =
  | { kind: "title"; title: string }
  /** Takes the place `index` of the turns; those after it are gone. */
  | { kind: "turn"; index: number; turn: Turn }
  | { kind: "answer"; answer: string; change: AnswerChange };

export type ChatChange =
  /** Another conversation is open now. */
  | { kind: "opened"; conversation: Conversation }
  /** Something in the open conversation. */
  | { kind: "conversation"; change: ConversationChange }
  | { kind: "conversations"; conversations: ConversationSummary[] }
  | { kind: "attachments"; attachments: Attachment[] }
  | { kind: "cache"; cache: CacheSettings }
  | { kind: "engine"; engine: EngineStatus }
  | { kind: "notices"; notices: string[] };

/** The state after a change. Throws a RangeError where text would be lost or doubled. */
export function applyChange(state: ChatState, change: ChatChange): ChatState {
  switch (change.kind) {
    case "opened":
      return { ...state, conversation: change.conversation };
    case "conversation":
      return { ...state, conversation: applyToConversation(state.conversation, change.change) };
    case "conversations":
      return { ...state, conversations: change.conversations };
    case "attachments":
      return { ...state, attachments: change.attachments };
    case "cache":
      return { ...state, cache: change.cache };
    case "engine":
      return { ...state, engine: change.engine };
    case "notices":
      return { ...state, notices: change.notices };
    default:
      return change satisfies never;
  }
}

export function applyToConversation(
  conversation: Conversation,
  change: ConversationChange,
): Conversation {
  const { turns } = conversation;
  switch (change.kind) {
    case "title":
      return { ...conversation, title: change.title };
    case "turn":
      return { ...conversation, turns: [...turns.slice(0, change.index), change.turn] };
    case "answer":
      return {
        ...conversation,
        turns: turns.map((turn) =>
          turn.answer.id === change.answer
            ? { ...turn, answer: applyToAnswer(turn.answer, change.change) }
            : turn,
        ),
      };
    default:
      return change satisfies never;
  }
}

function applyToAnswer(answer: Answer, change: AnswerChange): Answer {
  switch (change.kind) {
    case "phase":
      return { ...answer, phase: change.phase, progress: change.progress };
    case "model":
      return { ...answer, model: change.model, device: change.device };
    case "text":
      return appendText(answer, change);
    case "figures":
      return {
        ...answer,
        figures: change.figures,
        gauge: withPoint(answer.gauge, change.figures),
      };
    case "notice":
      return { ...answer, notices: [...answer.notices, change.message] };
    case "ended":
      return {
        ...answer,
        end: change.end,
        progress: undefined,
        phase: change.end.stopReason === "cancelled" ? "stopped" : "done",
      };
    case "failed":
      return { ...answer, phase: change.phase, progress: undefined, error: change.message };
    case "traceGone":
      return { ...answer, hasTrace: false };
    default:
      return change satisfies never;
  }
}

function appendText(answer: Answer, change: Extract<AnswerChange, { kind: "text" }>): Answer {
  const isThinking = change.channel === "thinking";
  const before = isThinking ? answer.thinking : answer.text;
  if (before.length !== change.at)
    throw new RangeError(
      `Text for place ${change.at} of an answer came when it was ${before.length} characters long.`,
    );
  if (!isThinking)
    return {
      ...answer,
      phase: "answering",
      progress: undefined,
      text: before + change.text,
      answerTokens: answer.answerTokens + change.tokens,
    };
  const since = answer.thinkingSince ?? change.time;
  return {
    ...answer,
    phase: "thinking",
    progress: undefined,
    thinking: before + change.text,
    thinkingTokens: answer.thinkingTokens + change.tokens,
    thinkingSince: since,
    thinkingMillis: change.time - since,
  };
}

const mostGaugePoints = 400;

/** Adds a point; a gauge that has grown too long keeps every second one. */
function withPoint(gauge: GaugePoint[], { position, retained }: LiveFigures): GaugePoint[] {
  const thinned =
    gauge.length < mostGaugePoints ? gauge : gauge.filter((_, index) => index % 2 === 0);
  return [...thinned, { position, retained }];
}

export function isRunning(answer: Answer): boolean {
  return ["waiting", "loading", "prefill", "thinking", "answering"].includes(answer.phase);
}

/**
 * What the model reads before it answers the last of these turns: questions with their attachments,
 * earlier answers without thinking. An answer that the last turn has already is not part of it, so
 * that a question run again reads what it read at first. An earlier question that got no answer is
 * left out: it would be taken for a part of the new one, and many templates refuse two questions in
 * a row.
 */
export function messagesOf(turns: Turn[]): ChatMessage[] {
  const earlier = turns.slice(0, -1).filter(({ answer }) => answer.text !== "");
  return [
    ...earlier.flatMap(({ question, answer }): ChatMessage[] => [
      { role: "user", content: questionText(question) },
      { role: "assistant", content: answer.text },
    ]),
    ...turns
      .slice(-1)
      .map(({ question }) => ({ role: "user" as const, content: questionText(question) })),
  ];
}

function questionText({ text, attachments }: Question): string {
  const quoted = attachments.map(
    ({ label, language, text: code }) => `${label}:\n\`\`\`${language}\n${code}\n\`\`\`\n\n`,
  );
  return quoted.join("") + text;
}
