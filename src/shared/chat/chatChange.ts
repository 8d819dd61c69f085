/**
 * How the chat's state changes. The host applies each change to its own copy and sends it on; a view
 * starts from a snapshot and applies the same changes with the same function, so that its text
 * cannot differ from the host's.
 */
import { shownChain, type Vote } from "../answers/vote";
import type { CacheSettings } from "../settings/settings";
import type {
  Answer,
  AnswerChain,
  AnswerEnd,
  AnswerPhase,
  Attachment,
  ChatState,
  Conversation,
  ConversationSummary,
  EngineStatus,
  GaugePoint,
  LiveFigures,
  Turn,
} from "./chatState";

/** What can happen to an answer while its run goes on, and when its trace is removed. */
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
  /** How far all chains are, their texts left out. */
  | { kind: "chains"; chains: AnswerChain[] }
  | { kind: "notice"; message: string }
  | { kind: "ended"; end: AnswerEnd; chains?: AnswerChain[]; vote?: Vote }
  | { kind: "failed"; phase: "failed" | "interrupted"; message: string }
  | { kind: "traceGone" };

/** What can happen to a conversation, open or not. */
export type ConversationChange =
  | { kind: "title"; title: string }
  /** Takes the place `index` of the turns; those after it are gone. */
  | { kind: "turn"; index: number; turn: Turn }
  | { kind: "answer"; answer: string; change: AnswerChange };

/** What can happen to the state. */
export type ChatChange =
  /** Another conversation is open now. */
  | { kind: "opened"; conversation: Conversation }
  /** Something in the open conversation. */
  | { kind: "conversation"; change: ConversationChange }
  | { kind: "conversations"; conversations: ConversationSummary[] }
  | { kind: "attachments"; attachments: Attachment[] }
  | { kind: "cache"; cache: CacheSettings }
  | { kind: "chains"; chains: number }
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
    case "chains":
      return { ...state, chains: change.chains };
    case "engine":
      return { ...state, engine: change.engine };
    case "notices":
      return { ...state, notices: change.notices };
    default:
      return change satisfies never;
  }
}

/** As applyChange, for a conversation that need not be the open one. */
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
    case "chains":
      return { ...answer, chains: change.chains };
    case "ended":
      return {
        ...answer,
        ...votedText(change),
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

/** The text that stands for all chains, and all of them. */
function votedText({ chains, vote }: Extract<AnswerChange, { kind: "ended" }>): Partial<Answer> {
  if (!chains) return {};
  const { thinking, text, thinkingTokens, answerTokens } = chains[shownChain(vote)];
  return { chains, vote, thinking, text, thinkingTokens, answerTokens };
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
