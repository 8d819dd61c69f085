/** The chosen model as a language model of the editor's own chat and of other extensions. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { EngineSupervisor, ReadyModel } from "../client/engine/engineSupervisor";
import { contextLengthOf } from "../client/models/modelFacts";
import type { ChatMessage } from "../shared/wire/engineApi";
import { settleCache, settleSampling } from "../shared/settings/settings";
import type { Models } from "./models";
import { readCacheChoice, readSamplingChoice, readSetting } from "./settings";

const contextWhereUnknown = 4_096;

export class LanguageModel {
  constructor(
    private readonly models: Models,
    private readonly supervisor: () => Promise<EngineSupervisor>,
  ) {}

  /** One model: the one that the chat uses. Half of its context at most is kept for the answer. */
  async information(): Promise<vscode.LanguageModelChatInformation[]> {
    const { folder, name } = this.models.current();
    const context = (await contextLengthOf(folder)) ?? contextWhereUnknown;
    const maxOutputTokens = Math.min(readSetting("generation.maxTokens"), Math.floor(context / 2));
    return [
      {
        id: name,
        name,
        family: name,
        version: "1",
        detail: vscode.l10n.t("on this machine, R-KV cache"),
        maxInputTokens: context - maxOutputTokens,
        maxOutputTokens,
        capabilities: {},
      },
    ];
  }

  /** Reports the answer piece by piece, without its thinking; a cancelled one ends without an error. */
  async respond(
    model: vscode.LanguageModelChatInformation,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    progress: vscode.Progress<vscode.LanguageModelTextPart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const supervisor = await this.supervisor();
    const { signal, dispose } = abortSignal(token);
    const generate = async ({ engine, info }: ReadyModel): Promise<void> => {
      const run = randomUUID();
      const unsubscribe = engine.subscribe({
        text: (event) => {
          if (event.run === run && event.channel === "answer")
            progress.report(new vscode.LanguageModelTextPart(event.text));
        },
      });
      const params = {
        run,
        prompt: { kind: "chat" as const, messages: messages.map(asChatMessage) },
        cache: settleCache(readCacheChoice(), info.suggestedBudget),
        sampling: settleSampling(readSamplingChoice(), info.suggestedSampling),
        maxTokens: model.maxOutputTokens,
        chains: 1,
      };
      await engine.generate(params, signal).finally(unsubscribe);
    };
    try {
      await supervisor.run(this.models.current(), generate, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      dispose();
    }
  }

  /** By the model's own tokenizer and template, so the model is loaded for it. */
  async countTokens(text: string | vscode.LanguageModelChatRequestMessage): Promise<number> {
    const message: ChatMessage =
      typeof text === "string" ? { role: "user", content: text } : asChatMessage(text);
    const supervisor = await this.supervisor();
    return supervisor.use(this.models.current(), ({ engine }) =>
      engine.request("countTokens", { messages: [message] }),
    );
  }
}

function abortSignal(token: vscode.CancellationToken): {
  signal: AbortSignal;
  dispose: () => void;
} {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  return {
    signal: controller.signal,
    dispose: () => {
      listener.dispose();
    },
  };
}

function asChatMessage(message: vscode.LanguageModelChatRequestMessage): ChatMessage {
  const isAssistant = message.role === vscode.LanguageModelChatMessageRole.Assistant;
  const texts = message.content.flatMap((part) =>
    part instanceof vscode.LanguageModelTextPart ? [part.value] : [],
  );
  return { role: isAssistant ? "assistant" : "user", content: texts.join("") };
}
