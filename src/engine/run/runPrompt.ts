/** The ids that a run begins with, checked against what the model can read. */
import type { GenerateParams } from "../../shared/wire/engineApi";
import type { RunnableModel } from "../model/loadModel";
import type { Prompt } from "../text/protocol";
import { labels } from "../text/replyReader";

/** As many of a prompt's last tokens as a thinking tag may be spread over. */
const tagTokens = 32;

/** Rejects with an Error that says what about the prompt cannot be run. */
export async function promptOf(
  model: RunnableModel,
  prompt: GenerateParams["prompt"],
): Promise<Prompt> {
  const { ids, text } =
    prompt.kind === "ids"
      ? { ids: prompt.ids, text: await endOf(model, prompt.ids) }
      : await written(model, prompt.messages);
  const { vocabulary, contextLength } = model.info;
  const stranger = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (stranger !== undefined)
    throw new RangeError(
      `The prompt has the token id ${stranger}, but this model's ids go from 0 to ${vocabulary - 1}.`,
    );
  if (ids.length === 0)
    throw new RangeError("The prompt is empty: there is nothing to go on from.");
  if (ids.length >= contextLength)
    throw new RangeError(
      `The question takes ${ids.length} tokens, and this model reads ${contextLength} at most, its reply included: shorten the question, begin a new conversation, or choose a model with a longer context.`,
    );
  return { ids, text };
}

/** The text of the last ids, which may have opened the thinking. */
async function endOf({ text }: RunnableModel, ids: number[]): Promise<string> {
  const last = await labels(text, ids.slice(-tagTokens));
  return last.map((token) => token.text).join("");
}

async function written(
  { text, folder }: RunnableModel,
  messages: Extract<GenerateParams["prompt"], { kind: "chat" }>["messages"],
): Promise<Prompt> {
  if (!text)
    throw new Error(
      `${folder.name} has no tokenizer.json, so it takes token ids only: put the file that belongs to the model into its folder.`,
    );
  return text.prompt(messages);
}

/** What a person should know of how the model reads their words; undefined where it reads a chat. */
export function promptNotice(
  { folder }: RunnableModel,
  prompt: GenerateParams["prompt"],
): string | undefined {
  if (prompt.kind === "ids" || !folder.text || folder.text.chatTemplate !== undefined)
    return undefined;
  return `${folder.name} has no chat template, so it reads the conversation as plain text and may go on with it instead of answering: put its publisher's chat_template.jinja into the folder.`;
}
