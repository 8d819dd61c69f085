/**
 * The wire between a host (editor, terminal, browser server) and the engine process.
 * Types only: one entry a message, requests first, then what the engine tells unasked.
 */
import type { Vote } from "../answers/vote";
import type { ModelTrial } from "./modelTrial";
import type {
  Budget,
  CacheSettings,
  Device,
  DeviceChoice,
  PolicyName,
  SamplingSettings,
  SuggestedSampling,
} from "../settings/settings";

/** Sizes of a model, in layers, heads, values and tokens. */
export interface ModelShape {
  layers: number;
  queryHeads: number;
  kvHeads: number;
  headDim: number;
  vocabulary: number;
  contextLength: number;
}

/** A device that was tried or timed, in the order of trying. */
export interface DeviceAttempt {
  device: Device;
  /** Why the model does not run there; absent where it does. */
  error?: string;
  /** What a step took there when the devices were timed; absent where they were not. */
  stepMillis?: number;
}

/** What the engine knows of a model once it is loaded. */
export interface ModelInfo extends ModelShape {
  name: string;
  /** The pattern the export was recognised by, such as “P1 packed GroupQueryAttention”. */
  pattern: string;
  dtype: string;
  device: Device;
  deviceReasons: DeviceAttempt[];
  weightBytes: number;
  /** Bytes one slot takes over all layers and KV heads, keys and values. */
  bytesPerToken: number;
  /** The family of questions that it was made for (src/family); absent for a general model. */
  family?: string;
  /** The budget its maker found to suit its chains; a person's own choice goes before it. */
  suggestedBudget?: Budget;
  /** How its maker samples it; a person's own choices go before it. */
  suggestedSampling?: SuggestedSampling;
}

/** Which model to load, and how. */
export interface LoadParams {
  folder: string;
  device: DeviceChoice;
  /** Keeps the activations of an int4 export on the CPU, where they are rounded to 8 bits otherwise. */
  fullActivations?: boolean;
  /** Times the devices anew, whatever is remembered of this model. */
  measureAgain?: boolean;
}

/** One message as a chat template takes it. */
export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

/** What is asked for with one run. */
export interface GenerateParams {
  /** Names this run in every event; chosen by the host. */
  run: string;
  prompt: { kind: "chat"; messages: ChatMessage[] } | { kind: "ids"; ids: number[] };
  cache: CacheSettings;
  sampling: SamplingSettings;
  maxTokens: number;
  /** Several chains of one prompt, decoded together. */
  chains: number;
  /** The chains vote, and those that can no longer change the vote end. */
  vote?: boolean;
  /** File the trace is written to; none is written without it. */
  traceFile?: string;
}

/**
 * Why a chain ended. “context” is the model's context length, “length” the caller's maxTokens;
 * “non-finite” means the model produced NaN or infinity, and the text up to there is whole;
 * “settled”, that the chain could no longer change the vote.
 */
export type StopReason = "end" | "length" | "context" | "cancelled" | "non-finite" | "settled";

/** What came of one chain; `text` is thinking and answer with the tags between them. */
export interface ChainResult {
  text: string;
  thinking: string;
  answer: string;
  tokenIds: number[];
  stopReason: StopReason;
}

/** How a chain that votes ended. */
export interface ChainEnd {
  chain: number;
  stopReason: StopReason;
  /** What it came to, short enough to be counted; absent where it came to nothing. */
  answer?: string;
}

/** How the cache stands; bytes are of keys and values over all layers. */
export interface CacheFigures {
  /** Tokens seen so far, prompt included: what a full cache would hold per head. */
  position: number;
  /** Slots held per KV head of the fullest layer. */
  retained: number;
  /** Slots evicted so far, per KV head of the layer that evicted most. */
  evicted: number;
  compactions: number;
  kvBytes: number;
  kvBytesFull: number;
}

/** What came of a run. */
export interface GenerationEnd extends CacheFigures {
  chains: ChainResult[];
  /** Absent where none was asked for, and where no chain came to an answer. */
  vote?: Vote;
  /** Decoded tokens over all chains. */
  tokens: number;
  promptTokens: number;
  /** Prompt tokens whose keys and values were still in the cache from the turn before. */
  reusedTokens: number;
  tokensPerSecond: number;
  millisToFirstToken: number;
  millis: number;
  /** Share of the prompt's tokens that no head of any layer still holds, 0 to 1. */
  promptForgotten: number;
  /** Set when the trace could not be written to its end; the answer is whole all the same. */
  traceError?: string;
}

/** Questions that know nothing of each other, decoded together; for evaluations. */
export interface AnswerParams {
  run: string;
  questions: string[];
  /** Chains of each question. */
  chains: number;
  cache: CacheSettings;
  sampling: SamplingSettings;
  maxTokens: number;
}

/** What came of one chain of a question. */
export interface Answer {
  answer: string;
  stopReason: StopReason;
  /** Mean natural log of its tokens' probabilities. */
  meanLogProb: number;
  tokens: number;
  promptTokens: number;
  compactions: number;
  /** Bytes of its keys and values when it ended. */
  kvBytes: number;
  /** Since its batch began. */
  millis: number;
}

/** How an export compares with its rewritten graph; where it is refused, the reason alone. */
export interface CheckReport {
  supported: boolean;
  pattern?: string;
  layers?: number;
  queryHeads?: number;
  kvHeads?: number;
  headDim?: number;
  dtype?: string;
  device?: Device;
  /** Largest |stock − rewritten| over all compared logits. */
  maxLogitDifference?: number;
  /** Largest difference that activations rounded to 8 bits make; absent where none are. */
  maxRoundingDifference?: number;
  /** Largest |logits at p − logits at p + constant|; absent where rotary is not plain. */
  maxShiftDifference?: number;
  /** Why the model is refused, and what to do instead. */
  reason?: string;
}

/** What a model would take, and what the machine has free, in bytes. */
export interface MemoryEstimate {
  weightBytes: number;
  kvBytesAtBudget: number;
  kvBytesFull: number;
  freeBytes: number;
}

/** One comparison with a golden case: a single decision, or one compaction of a run. */
export interface PolicyCheck {
  case: string;
  policy: PolicyName;
  /** Which one of the run, from 0 on; absent for a single decision. */
  compaction?: number;
  /** Absent where the case holds slots alone. */
  maxScoreDifference?: number;
  keptEqual: boolean;
}

/** What a host can ask; each rejects with an Error whose message can be shown. */
export interface EngineRequests {
  load: { params: LoadParams; result: ModelInfo };
  generate: { params: GenerateParams; result: GenerationEnd };
  /** In the order of the questions, all chains of one after another. */
  answer: { params: AnswerParams; result: Answer[] };
  /** Takes effect at the next step of the run in progress, and is what the next run starts from. */
  configure: { params: { run: string; cache: CacheSettings }; result: void };
  cancel: { params: { run: string }; result: void };
  countTokens: { params: { messages: ChatMessage[] }; result: number };
  check: { params: { folder: string; device: DeviceChoice }; result: CheckReport };
  estimate: { params: { folder: string; budget: Budget; buffer: number }; result: MemoryEstimate };
  verify: { params: { folder: string; device: DeviceChoice }; result: PolicyCheck[] };
  replay: {
    params: { run: string; traceFile: string; folder: string; device: DeviceChoice };
    result: { tokens: number; firstDivergence: number | null; meanKl: number };
  };
}

/** What the engine tells unasked. */
export interface EngineEvents {
  /** The engine's end is the trial's doing from here on, and without a trial no longer. */
  trying: { trial?: ModelTrial };
  /** fraction is 0…1 where it is known. */
  loading: { stage: "read" | "rewrite" | "session" | "measure" | "tokenizer"; fraction?: number };
  prefill: { run: string; done: number; total: number };
  /**
   * Text is never half a character. Batched: at most once every 16 ms, and then one event for each
   * chain, channel and reasoning step that got text.
   */
  text: {
    run: string;
    chain: number;
    channel: "thinking" | "answer";
    text: string;
    tokens: number;
    step: number;
  };
  /** A chain that votes has ended. */
  chainEnd: { run: string } & ChainEnd;
  figures: { run: string; tokensPerSecond: number; reasoningSteps: number } & CacheFigures;
  /** Something the person should know, in one sentence; the run goes on. */
  notice: { run: string; message: string };
  /** position: tokens of each question and its answer that were read. At most one a second. */
  answering: { run: string; position: number };
  replaying: { run: string; done: number; total: number };
  /** Another piece of a check, a verification or a long compaction is done. */
  working: { done: number };
}
