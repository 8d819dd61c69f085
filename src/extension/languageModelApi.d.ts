/**
 * What of VS Code 1.104 is used where it is there: its types, for those that we compile against are
 * of the oldest editor that installs us (engines.vscode). The provider may be missing at run time.
 */
declare module "vscode" {
  namespace lm {
    /** Undefined before VS Code 1.104. */
    const registerLanguageModelChatProvider:
      ((vendor: string, provider: LanguageModelChatProvider) => Disposable) | undefined;
  }

  interface LanguageModelChatProvider {
    readonly onDidChangeLanguageModelChatInformation?: Event<void>;
    provideLanguageModelChatInformation(
      options: unknown,
      token: CancellationToken,
    ): ProviderResult<LanguageModelChatInformation[]>;
    provideLanguageModelChatResponse(
      model: LanguageModelChatInformation,
      messages: readonly LanguageModelChatRequestMessage[],
      options: unknown,
      progress: Progress<LanguageModelTextPart>,
      token: CancellationToken,
    ): Thenable<void>;
    provideTokenCount(
      model: LanguageModelChatInformation,
      text: string | LanguageModelChatRequestMessage,
      token: CancellationToken,
    ): Thenable<number>;
  }

  interface LanguageModelChatInformation {
    readonly id: string;
    readonly name: string;
    readonly family: string;
    readonly version: string;
    readonly detail?: string;
    readonly maxInputTokens: number;
    readonly maxOutputTokens: number;
    readonly capabilities: { readonly imageInput?: boolean; readonly toolCalling?: boolean };
  }

  interface LanguageModelChatRequestMessage {
    readonly role: LanguageModelChatMessageRole;
    readonly content: readonly unknown[];
  }

  class LanguageModelTextPart {
    value: string;
    constructor(value: string);
  }
}
