/**
 * A model's tokenizer and chat template at work. Both are a stranger's code (a regular expression,
 * a program in Jinja), so this runs in the Worker only.
 */
import { readFileSync } from "node:fs";
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import type { ChatMessage } from "../../shared/wire/engineApi";
import { refuseVastJson } from "./jsonBounds";
import type { Prompt, TextFiles, TokenizerFacts, TokenText } from "./protocol";
import { isPartOfTag, withoutThinking } from "./thinkingTags";

/** Characters a template may render to. */
const largestPrompt = 1 << 20;

const withoutTemplate =
  "{% for message in messages %}{{ message.content }}{% if not loop.last %}\n\n{% endif %}{% endfor %}";

/** Tokens that are decoded together so that a token's spaces and bytes meet their neighbours'. */
const contextTokens = 8;

export class ModelText {
  private readonly tokenizer: Tokenizer;
  private template: Template | undefined;
  /** Special tokens that are not shown. */
  private readonly hidden = new Set<number>();

  constructor(private readonly files: TextFiles) {
    this.tokenizer = new Tokenizer(
      readJson(files.tokenizerFile),
      files.tokenizerConfigFile === undefined ? {} : readJson(files.tokenizerConfigFile),
    );
    for (const [id, token] of this.tokenizer.get_added_tokens_decoder())
      if (token.special && !isPartOfTag(token.content)) this.hidden.add(id);
  }

  facts(): TokenizerFacts {
    const { eosToken } = this.files;
    return {
      vocabulary: this.tokenizer.model?.vocab.length ?? 0,
      eosId: eosToken === undefined ? undefined : this.tokenizer.token_to_id(eosToken),
    };
  }

  /** addSpecial: with the tokens that the tokenizer puts around every text, such as a beginning. */
  encode(text: string, addSpecial = true): number[] {
    const { ids } = this.tokenizer.encode(text, { add_special_tokens: addSpecial });
    const unknown = ids.findIndex((id) => id === undefined);
    if (unknown < 0) return ids;
    throw new Error("the text has characters that this model has no token for");
  }

  prompt(messages: ChatMessage[]): Prompt {
    const text = this.render(messages);
    return { text, ids: this.encode(text, this.files.chatTemplate === undefined) };
  }

  /** The same variables as transformers' apply_chat_template. */
  private render(messages: ChatMessage[]): string {
    this.template ??= new Template(this.files.chatTemplate ?? withoutTemplate);
    const text = this.template.render({
      messages: messages.map(forTemplate),
      add_generation_prompt: true,
      bos_token: this.files.bosToken,
      eos_token: this.files.eosToken,
      tools: null,
      documents: null,
    });
    if (text.length > largestPrompt)
      throw new Error(`the chat template wrote more than ${largestPrompt} characters`);
    return text;
  }

  decode(context: number[], ids: number[]): TokenText[] {
    let window = context.filter((id) => this.isShown(id));
    let shown = this.wholeCharacters(window).length;
    return ids.map((id) => {
      if (!this.isShown(id)) return { id, text: "", label: this.label(id) };
      if (window.length >= 2 * contextTokens) {
        window = window.slice(-contextTokens);
        shown = this.wholeCharacters(window).length;
      }
      window.push(id);
      const whole = this.wholeCharacters(window);
      const text = whole.slice(shown);
      shown = Math.max(shown, whole.length);
      return { id, text, label: text || this.label(id) };
    });
  }

  /**
   * The text of tokens that follow each other, without the character that the last ones have only
   * begun: UTF-8 decoding shows such a beginning as one U+FFFD.
   */
  private wholeCharacters(ids: number[]): string {
    return this.text(ids).replace(/\uFFFD$/, "");
  }

  private text(ids: number[]): string {
    if (ids.length === 0) return "";
    return this.tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
  }

  /** Ids past the tokenizer's vocabulary exist: weights are padded to round sizes. */
  private isShown(id: number): boolean {
    return !this.hidden.has(id) && this.tokenizer.id_to_token(id) !== undefined;
  }

  private label(id: number): string {
    return this.tokenizer.id_to_token(id) ?? `#${id}`;
  }
}

function forTemplate(message: ChatMessage): ChatMessage {
  if (message.role !== "assistant") return message;
  return { ...message, content: withoutThinking(message.content) };
}

function readJson(path: string): object {
  const bytes = readFileSync(path);
  refuseVastJson(bytes);
  return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, "")) as object;
}
