/** Small models' text files, written to a folder of the test's own. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import type { TextFiles } from "../../../src/engine/text/protocol";
import {
  TextWorker,
  defaultTextLimits,
  type TextLimits,
} from "../../../src/engine/text/textWorker";

export function openText(
  context: TestContext,
  tokenizer: object | string,
  files: Partial<TextFiles> = {},
  limits: Partial<TextLimits> = {},
): TextWorker {
  const tokenizerFile = join(mkdtempSync(join(tmpdir(), "text-")), "tokenizer.json");
  writeFileSync(
    tokenizerFile,
    typeof tokenizer === "string" ? tokenizer : JSON.stringify(tokenizer),
  );
  return openTextFiles(context, { tokenizerFile, ...files }, limits);
}

export function openTextFiles(
  context: TestContext,
  files: TextFiles,
  limits: Partial<TextLimits> = {},
): TextWorker {
  // Machines that run tests are busy ones; a test about a limit sets its own.
  const patient = { ...defaultTextLimits, millis: 30_000, loadMillis: 60_000 };
  const text = new TextWorker(files, { ...patient, ...limits }, resolve("dist", "textWorker.js"));
  context.after(() => text.close());
  return text;
}

const specials = ["<|im_start|>", "<|im_end|>", "<think>", "</think>"];

/** One token a byte, as GPT-2 spells bytes, and four added tokens from id 256 on. */
export function byteTokenizer(split = "\\s+|\\S+"): object {
  return {
    added_tokens: specials.map((content, i) => ({
      id: 256 + i,
      content,
      special: content.startsWith("<|"),
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: split }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel" },
    model: {
      type: "BPE",
      vocab: Object.fromEntries(byteLetters().map((letter, byte) => [letter, byte])),
      merges: [],
    },
  };
}

/** As Llama 2: ▁ for a space, <0x0A> for bytes that have no token, the first space not shown. */
export function metaspaceTokenizer(words: string[]): object {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  return {
    added_tokens: [],
    normalizer: { type: "Prepend", prepend: "▁" },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      byte_fallback: true,
      vocab: Object.fromEntries([...bytes, ...words].map((token, id) => [token, id])),
      merges: [],
    },
  };
}

export function wordPieceTokenizer(words: string[]): object {
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: { type: "WordPiece", prefix: "##", cleanup: false },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(["[UNK]", ...words].map((token, id) => [token, id])),
    },
  };
}

/** GPT-2's printable stand-in for each byte. */
function byteLetters(): string[] {
  let spare = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPlain = (byte > 32 && byte < 127) || (byte > 160 && byte < 256 && byte !== 173);
    return String.fromCharCode(isPlain ? byte : spare++);
  });
}
