/** A model's tokenizer and chat template, in whichever of their forms a folder has them. */
import type { TextFiles } from "../text/protocol";
import { ModelFolderError, fileLimits, type ModelFiles } from "./modelFiles";
import { chatTemplateSchema, tokenizerConfigSchema } from "./modelFileSchemas";

export async function findTextFiles(files: ModelFiles): Promise<TextFiles | undefined> {
  const tokenizerFile = await files.find("tokenizer.json", fileLimits.tokenizer);
  if (tokenizerFile === undefined) return undefined;
  const config = await files.json("tokenizer_config.json", tokenizerConfigSchema);
  const template =
    (await files.text("chat_template.jinja", fileLimits.template)) ??
    (await files.json("chat_template.json", chatTemplateSchema))?.chat_template ??
    chatTemplateOf(config?.chat_template ?? undefined);
  if (template !== undefined && Buffer.byteLength(template) > fileLimits.template)
    throw new ModelFolderError(
      `The chat template in tokenizer_config.json is larger than ${fileLimits.template >> 10} kB: get the file from the model's publisher again.`,
    );
  return {
    tokenizerFile,
    tokenizerConfigFile: await files.find("tokenizer_config.json", fileLimits.json),
    chatTemplate: template,
    bosToken: config?.bos_token ?? undefined,
    eosToken: config?.eos_token ?? undefined,
  };
}

type Templates = string | { name: string; template: string }[];

function chatTemplateOf(templates: Templates | undefined): string | undefined {
  if (templates === undefined || typeof templates === "string") return templates;
  const named = templates.find(({ name }) => name === "default") ?? templates.at(0);
  return named?.template;
}
