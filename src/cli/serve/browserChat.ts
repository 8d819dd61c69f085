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
import { readChoices, writeChoices } from "./savedChoices";

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
  const { bundledModel, device, fullActivations, storage } = options;
  const file = path.join(storage, "choices.json");
  const damaged: string[] = [];
  let choices = await readChoices(file, bundledModel, (sentence) => damaged.push(sentence));
  choices = { ...choices, model: options.model ?? choices.model };
  const remember = (change: Partial<typeof choices>): Promise<void> => {
    choices = { ...choices, ...change };
    return writeChoices(file, choices);
  };
  const nameOfModel = (folder: string): string =>
    folder === bundledModel ? bundledModelName : nameOf(folder);
  const selectModel = async (model: string): Promise<void> => {
    chat.supervisor.allowAnotherTry();
    if (!chat.session.isRunning) await chat.supervisor.unload();
    await remember({ model });
  };
  const shared = {
    modelChoices: async () => {
      const added = choices.model === bundledModel ? [] : [choices.model];
      return modelChoices(await findModels(bundledModel, added), choices.model);
    },
    selectModel,
    rememberCache: (cache: typeof choices.cache) => remember({ cache }),
    rememberChains: (chains: number) => remember({ chains }),
  };
  const chat: Chat = createChat({
    ...options,
    abilities: { editor: false, pickers: false },
    surroundings: {
      ...shared,
      ...pageActions(
        () => Promise.reject(new Error("No page is open.")),
        () => tabs,
      ),
    },
    cache: choices.cache,
    chains: choices.chains,
    choice: () => ({
      model: {
        folder: choices.model,
        device,
        fullActivations,
        name: nameOfModel(choices.model),
      },
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
  return { chat, tabs, attach, model: () => choices.model };
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
