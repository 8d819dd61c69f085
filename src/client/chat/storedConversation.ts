/**
 * A conversation as its file has it. What was asked and said must be there in its form; a figure
 * that is missing or damaged counts as 0, since nobody would give up a conversation for it. What a
 * newer version has added is kept.
 */
import * as z from "zod";
import { answerPhases, type Conversation } from "../../shared/chat/chatState";

const figure = z.number().catch(0);
const words = z.string().optional().catch(undefined);
/** Milliseconds since 1970 that a Date can hold. */
const time = z.number().min(0).max(8.64e15).catch(0);
const mostGaugePoints = 1_000;
/** Files are named by these, so they may hold nothing that leads elsewhere. */
const id = z.string().regex(/^[0-9a-f-]{36}$/);

const cacheFigures = {
  position: figure,
  retained: figure,
  evicted: figure,
  compactions: figure,
  kvBytes: figure,
  kvBytesFull: figure,
  tokensPerSecond: figure,
};

const liveFigures = z.looseObject({ ...cacheFigures, reasoningSteps: figure });

const end = z.looseObject({
  ...cacheFigures,
  stopReason: z.string().catch("end"),
  tokens: figure,
  promptTokens: figure,
  reusedTokens: figure,
  millisToFirstToken: figure,
  millis: figure,
  promptForgotten: figure,
  hint: words,
  traceError: words,
});

const chain = z.looseObject({
  thinking: z.string(),
  text: z.string(),
  thinkingTokens: figure,
  answerTokens: figure,
  stopReason: words,
  found: words,
});

const vote = z.looseObject({
  answer: z.string(),
  agree: z.number(),
  of: z.number(),
  chains: z.array(z.number().int().min(0)),
});

const answer = z.looseObject({
  id,
  model: z.string().catch(""),
  device: z.string().catch(""),
  phase: z.enum(answerPhases),
  chains: z.array(chain).min(1).optional().catch(undefined),
  vote: vote.optional().catch(undefined),
  progress: z.number().optional().catch(undefined),
  thinking: z.string(),
  text: z.string(),
  thinkingTokens: figure,
  answerTokens: figure,
  startedAt: time,
  thinkingMillis: figure,
  thinkingSince: z.number().optional().catch(undefined),
  figures: liveFigures.optional().catch(undefined),
  gauge: z
    .array(z.looseObject({ position: figure, retained: figure }))
    .max(mostGaugePoints)
    .catch([]),
  end: end.optional().catch(undefined),
  notices: z.array(z.string()).catch([]),
  error: words,
  hasTrace: z.boolean().catch(false),
});

const attachment = z.looseObject({
  id: z.string(),
  label: z.string(),
  language: z.string(),
  text: z.string(),
});

const conversation = z.looseObject({
  id,
  title: z.string(),
  createdAt: time,
  updatedAt: time,
  draft: z.string().catch(""),
  turns: z.array(
    z.looseObject({
      id: z.string(),
      question: z.looseObject({ text: z.string(), attachments: z.array(attachment) }),
      answer,
    }),
  ),
}) satisfies z.ZodType<Conversation>;

/** Throws an Error that says what is wrong with the file. name: the id that the file is named by. */
export function parseConversation(content: Uint8Array, name: string): Conversation {
  const parsed = conversation.safeParse(jsonOf(content));
  if (!parsed.success) throw new Error(wrongPlace(parsed.error));
  if (parsed.data.id !== name) throw new Error("it holds another conversation than its name says");
  return parsed.data;
}

function jsonOf(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    throw new Error("it is no JSON in UTF-8");
  }
}

function wrongPlace({ issues: [issue] }: z.ZodError): string {
  const place = issue?.path.join(".");
  return place ? `“${place}” is not what it should be` : "it holds no conversation";
}
