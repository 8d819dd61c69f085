/** Puts the parts of a chat together, for a host that has a place for its files. */
import path from "node:path";
import type { HostAbilities } from "../../shared/chat/chatState";
import type { CacheChoice } from "../../shared/settings/settings";
import { EngineSupervisor } from "../engine/engineSupervisor";
import type { GenerationChoice } from "./answerRun";
import { ChatHost, type ChatSurroundings } from "./chatHost";
import { ChatSession } from "./chatSession";
import { ConversationStore } from "./conversationStore";
import { Following } from "./following";
import { TraceStore } from "./traceStore";
import { ViewFeed } from "./viewFeed";

export interface ChatOptions {
  /** Path of dist/engine.js. */
  engineScript: string;
  /** Conversations and traces lie in folders of this one. */
  storage: string;
  abilities: HostAbilities;
  surroundings: ChatSurroundings;
  cache: CacheChoice;
  /** How many think about a question, until another number is chosen. */
  chains: number;
  choice: () => GenerationChoice;
  idleMillis: () => number;
  /** Why no model may run now, in a sentence for the person; absent where one always may. */
  whyNoEngine?: () => string | undefined;
  tracesKept: () => number;
  log: (text: string) => void;
  /** Something in the session's state is not as it was. */
  onChange?: () => void;
}

export interface Chat {
  host: ChatHost;
  /** The same chat for one view with surroundings of its own, such as a page in a browser. */
  hostFor(surroundings: ChatSurroundings): ChatHost;
  session: ChatSession;
  supervisor: EngineSupervisor;
  traces: TraceStore;
  /** What the inspectors that follow it show. */
  following: Following;
  /** Ends the engine without waiting: the host is about to end. */
  dispose(): void;
  /** As dispose, but settles when what was being written is stored. */
  close(): Promise<void>;
}

/** Nothing is read yet: `session.restore` opens the conversation that was used last. */
export function createChat(options: ChatOptions): Chat {
  const { abilities, cache, chains, choice, log } = options;
  const tell = (sentence: string): void => session.tell(sentence);
  const store = new ConversationStore(path.join(options.storage, "conversations"), tell);
  const traces = new TraceStore(path.join(options.storage, "traces"), options.tracesKept, tell);
  const feed = new ViewFeed(() => session.state);
  const supervisor = new EngineSupervisor({
    script: options.engineScript,
    log,
    idleMillis: options.idleMillis,
    whyNoEngine: options.whyNoEngine,
    onNotice: (message) => session.notice(message),
    onStatus: (status) => session.onSupervisor(status),
  });
  const session: ChatSession = new ChatSession({
    abilities,
    supervisor,
    store,
    traces,
    cache,
    chains,
    choice,
    publish: (change) => {
      feed.publish(change);
      following.take(change);
      options.onChange?.();
    },
    log,
  });
  const following = new Following(session, traces);
  const hostFor = (surroundings: ChatSurroundings): ChatHost =>
    new ChatHost(session, feed, store, following, surroundings);
  const host = hostFor(options.surroundings);
  const dispose = (): void => supervisor.dispose();
  const close = (): Promise<void> => {
    dispose();
    return session.settled();
  };
  return { host, hostFor, session, supervisor, traces, following, dispose, close };
}
