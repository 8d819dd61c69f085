/** Answers a question of the chat once more under other cache settings, for a comparison. */
import { randomUUID } from "node:crypto";
import type { Turn } from "../../shared/chat/chatState";
import { messagesOf } from "../../shared/chat/messages";
import { type CacheSettings, settleSampling } from "../../shared/settings/settings";
import type { ReadyModel } from "../engine/engineSupervisor";
import type { GenerationChoice } from "./answerRun";
import type { Chat } from "./createChat";

export interface Again {
  choice: GenerationChoice;
  /** The conversation up to and with the question. */
  turns: Turn[];
  cache: CacheSettings;
  signal: AbortSignal;
  onTokens: (tokens: number) => void;
}

/**
 * The name of the new run's trace. The chat shows nothing of it. Rejects with an Error to be shown,
 * and with the signal's reason where it was stopped: then no trace is left.
 */
export async function runAgain(
  { supervisor, traces }: Pick<Chat, "supervisor" | "traces">,
  again: Again,
): Promise<string> {
  const { choice, signal } = again;
  const run = randomUUID();
  const traceFile = await traces.makeRoom(run);
  if (traceFile === undefined)
    throw new Error(
      "No traces are kept, so there is nothing to compare: keep some in the settings.",
    );
  try {
    await supervisor.run(choice.model, (model) => generate(model, run, traceFile, again), {
      signal,
    });
    signal.throwIfAborted();
    return run;
  } catch (error) {
    await traces.delete([run]);
    throw error;
  }
}

async function generate(
  { engine, info }: ReadyModel,
  run: string,
  traceFile: string,
  { choice, turns, cache, signal, onTokens }: Again,
): Promise<void> {
  const unsubscribe = engine.subscribe({
    figures: (figures) => {
      if (figures.run === run) onTokens(figures.position);
    },
  });
  try {
    const { traceError } = await engine.generate(
      {
        run,
        prompt: { kind: "chat", messages: messagesOf(turns) },
        cache,
        sampling: settleSampling(choice.sampling, info.suggestedSampling),
        maxTokens: choice.maxTokens,
        chains: 1,
        traceFile,
      },
      signal,
    );
    if (traceError !== undefined) throw new Error(traceError);
  } finally {
    unsubscribe();
  }
}
