/** What goes to the text Worker and what comes back: one request at a time, one reply each. */
import type { ChatMessage } from "../../shared/wire/engineApi";

/** A model's tokenizer and chat template. */
export interface TextFiles {
  tokenizerFile: string;
  tokenizerConfigFile?: string;
  /** Jinja source; without one the messages are joined by blank lines. */
  chatTemplate?: string;
  bosToken?: string;
  eosToken?: string;
}

export interface Prompt {
  text: string;
  ids: number[];
}

/** Sent once, when the Worker is ready. */
export interface TokenizerFacts {
  /** Largest token id plus one. */
  vocabulary: number;
  /** Id of the tokenizer's own end-of-text token. */
  eosId?: number;
}

/** One token in a text. */
export interface TokenText {
  id: number;
  /**
   * What it adds to the text shown: nothing for the first half of a character, which comes whole
   * with the token that ends it, and nothing for a token that only steers the model.
   */
  text: string;
  /** The token on its own, as an inspector names it; never empty. */
  label: string;
}

export interface TextCalls {
  encode: { params: { text: string }; result: number[] };
  /** Drops old thinking, renders the chat template and encodes what it says. */
  prompt: { params: { messages: ChatMessage[] }; result: Prompt };
  /** The tokens `ids`, which follow `context` in their text. */
  decode: { params: { context: number[]; ids: number[] }; result: TokenText[] };
}

export type TextRequest = {
  [K in keyof TextCalls]: { name: K; params: TextCalls[K]["params"] };
}[keyof TextCalls];

export type TextReply = { ok: true; value: unknown } | { ok: false; message: string };
