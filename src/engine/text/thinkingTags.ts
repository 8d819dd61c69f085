/**
 * How model families mark their thinking. A reply may open with one of the tags; the answer is
 * what follows the closing one. A new family is a new row.
 */
export interface ThinkingTags {
  family: string;
  open: string;
  close: string;
  /** Said before an answer that no thinking precedes, and not part of it. */
  skip?: string;
}

export const thinkingTags: readonly ThinkingTags[] = [
  { family: "DeepSeek-R1, Qwen3, SmolLM3, Phi-4, GLM, MiMo", open: "<think>", close: "</think>" },
  { family: "Gemma-based, EXAONE Deep", open: "<thought>", close: "</thought>" },
  { family: "Hermes-style distillations", open: "<thinking>", close: "</thinking>" },
  { family: "Seed-OSS", open: "<seed:think>", close: "</seed:think>" },
  { family: "Magistral", open: "[THINK]", close: "[/THINK]" },
  { family: "Kimi-VL", open: "◁think▷", close: "◁/think▷" },
  {
    family: "gpt-oss",
    open: "<|channel|>analysis<|message|>",
    close: "<|end|><|start|>assistant<|channel|>final<|message|>",
    skip: "<|channel|>final<|message|>",
  },
];

/** The tags whose thinking the prompt's end has already opened, as DeepSeek-R1's template does. */
export function tagsOpenedBy(prompt: string): ThinkingTags | undefined {
  const end = prompt.trimEnd();
  return thinkingTags.find((tags) => end.endsWith(tags.open.trimEnd()));
}

/** True for a special token that thinking tags are made of. */
export function isPartOfTag(token: string): boolean {
  return thinkingTags.some((tags) =>
    [tags.open, tags.close, tags.skip ?? ""].some((tag) => tag.includes(token)),
  );
}

/** A reply without its thinking: what a later turn gets to see of it. */
export function withoutThinking(reply: string): string {
  const start = reply.trimStart();
  for (const { open, close, skip } of thinkingTags) {
    const end = reply.lastIndexOf(close);
    if (end >= 0) return reply.slice(end + close.length).trimStart();
    if (start.startsWith(open)) return "";
    if (skip !== undefined && start.startsWith(skip)) return start.slice(skip.length);
  }
  return reply;
}
