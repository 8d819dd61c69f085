/** The chat of the browser host: one session for all its pages, with what only a page can do. */
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc";
import type { ChatSurroundings } from "../../client/chat/chatHost";
import { type Chat, createChat } from "../../client/chat/createChat";
import { bundledModelName, findModels, modelChoices } from "../../client/models/findModels";
import { nameOf } from "../../client/models/foundModel";
import type { PageEvents } from "../../shared/wire/pageApi";
import { type DeviceChoice, drawnSeed } from "../../shared/settings/settings";
import { emit } from "../../shared/wire/wire";
import { InspectorTabs } from "./inspectorTabs";
import { readChoices, type SavedChoices, writeChoices } from "./savedChoices";

export interface BrowserChatOptions {
  engineScript: string;
  bundledModel: string;
  /** Chosen at the command line; else what was chosen last. */
  model?: string;
  device: DeviceChoice;
  fullActivations?: boolean;
  storage: string;
  log: (text: string) => void;
}

export interface BrowserChat {
  chat: Chat;
  tabs: InspectorTabs;
  attach: (connection: MessageConnection) => () => void;
  model: () => string;
}

const idleMillis = 5 * 60_000;
const tracesKept = 50;
const mostTokens = 16_384;

export async function createBrowserChat(options: BrowserChatOptions): Promise<BrowserChat> {
  const damaged: string[] = [];
  const kept = await keptChoices(options, (sentence) => damaged.push(sentence));
  const shared = choosing(options.bundledModel, kept, () => chat);
  const noPage = () => Promise.reject(new Error("No page is open."));
  const { cache, chains } = kept.now();
  const chat: Chat = createChat({
    ...options,
    abilities: { editor: false, pickers: false },
    surroundings: { ...shared, ...pageActions(noPage, () => tabs) },
    cache,
    chains,
    choice: () => ({
      model: modelOf(options, kept.now().model),
      sampling: { seed: drawnSeed() },
      maxTokens: mostTokens,
    }),
    idleMillis: () => idleMillis,
    tracesKept: () => tracesKept,
  });
  const tabs = new InspectorTabs(chat.following);
  damaged.forEach((sentence) => chat.session.tell(sentence));
  await chat.session.restore();
  const attach = (connection: MessageConnection): (() => void) =>
    chat
      .hostFor({ ...shared, ...pageActions(tellPage(connection), () => tabs) })
      .attach(connection);
  return { chat, tabs, attach, model: () => kept.now().model };
}

/** What was chosen, in its file too as it changes. */
interface KeptChoices {
  now: () => SavedChoices;
  remember: (change: Partial<SavedChoices>) => Promise<void>;
}

async function keptChoices(
  { bundledModel, model, storage }: BrowserChatOptions,
  onDamaged: (sentence: string) => void,
): Promise<KeptChoices> {
  const file = path.join(storage, "choices.json");
  let choices = await readChoices(file, bundledModel, onDamaged);
  choices = { ...choices, model: model ?? choices.model };
  return {
    now: () => choices,
    remember: (change) => {
      choices = { ...choices, ...change };
      return writeChoices(file, choices);
    },
  };
}

function modelOf({ bundledModel, device, fullActivations }: BrowserChatOptions, folder: string) {
  const name = folder === bundledModel ? bundledModelName : nameOf(folder);
  return { folder, device, fullActivations, name };
}

/** What every page chooses alike. */
function choosing(bundledModel: string, { now, remember }: KeptChoices, chat: () => Chat) {
  return {
    modelChoices: async () => {
      const { model } = now();
      const added = model === bundledModel ? [] : [model];
      return modelChoices(await findModels(bundledModel, added), model);
    },
    selectModel: async (model: string) => {
      const { supervisor, session } = chat();
      supervisor.allowAnotherTry();
      if (!session.isRunning) await supervisor.unload();
      await remember({ model });
    },
    rememberCache: (cache: SavedChoices["cache"]) => remember({ cache }),
    rememberChains: (chains: number) => remember({ chains }),
  };
}

type TellPage = <K extends keyof PageEvents>(name: K, event: PageEvents[K]) => Promise<void>;

export function tellPage(connection: MessageConnection): TellPage {
  return (name, event) => emit<PageEvents, typeof name>(connection, name, event);
}

function pageActions(
  tell: TellPage,
  tabs: () => InspectorTabs,
): Omit<ChatSurroundings, "modelChoices" | "selectModel" | "rememberCache" | "rememberChains"> {
  const noEditor = (): Promise<never> =>
    Promise.reject(new Error("There is no editor here: use R-KV Lens in VS Code for this."));
  return {
    pick: noEditor,
    selection: noEditor,
    file: noEditor,
    insertAtCursor: noEditor,
    copy: (text) => tell("copyText", { text }),
    openLink: (address) => tell("openAddress", { address }),
    saveFile: ({ name, text }) =>
      tell("download", { name, bytes: new TextEncoder().encode(text).buffer }),
    openInspector: () => tell("showTab", tabs().followingTab()),
  };
}
