/**
 * As much of VS Code's API as src/extension uses, with a person in front of it: `person` answers in
 * order what is asked, and `seen` is what was shown. scripts/test.mjs puts it in vscode's place.
 */
import { setImmediate } from "node:timers/promises";
import { EventEmitter } from "./fakeEvents";
import { FakePanel } from "./fakePanel";

export { EventEmitter };

interface Item {
  label: string;
  description?: string;
  kind?: number;
}

/** One thing that the person was shown or asked. */
export interface Shown {
  kind: "pick" | "box" | "error" | "warning" | "information" | "status" | "document" | "page";
  /** A message's or document's words, else the title. */
  text: string;
  detail?: string;
  /** Of a message its buttons, of a list its rows without their separators. */
  choices?: string[];
  /** What the box says of a text that is typed into it. */
  complaintAbout?: (text: string) => unknown;
}

class Person {
  /** Names a row or a button by a part of its words, or is what is typed; undefined gives up. */
  answers: (string | undefined)[] = [];
  trusts = true;

  choose<T>(choices: readonly T[], wordsOf: (choice: T) => string): T | undefined {
    const answer = this.answers.shift();
    if (answer === undefined) return undefined;
    const found = choices.find((choice) => wordsOf(choice).includes(answer));
    if (found === undefined)
      throw new Error(`No “${answer}” among ${choices.map(wordsOf).join(", ")}.`);
    return found;
  }
}

export const person = new Person();
export const seen: Shown[] = [];
/** Settings by their whole name, as they are written in either place. */
export const written = {
  user: new Map<string, unknown>(),
  workspace: new Map<string, unknown>(),
};
/** What runs with a cancel button now: its title, what it said, and the button. */
export const inProgress: { title: string; said: string[]; cancel: () => void }[] = [];
/** Editors of the extension's own that are open. */
export const panels: FakePanel[] = [];
export const statusBarItems: { text: string; tooltip?: MarkdownString; command?: string }[] = [];

/** A new window of a person who has answered nothing yet. */
export function openWindow(): void {
  person.answers = [];
  person.trusts = true;
  for (const list of [seen, inProgress, statusBarItems, panels]) list.length = 0;
  for (const place of [written.user, written.workspace]) place.clear();
  changing.fire({ affectsConfiguration: (section) => affecting(section)("rkv") });
}

/** As in settings.json, with the word that goes round then. */
export function writeByHand(name: string, value: unknown): void {
  written.user.set(name, value);
  changing.fire({ affectsConfiguration: affecting(name) });
}

export class CancellationTokenSource {
  private readonly cancelling = new EventEmitter<void>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: this.cancelling.event,
  };

  cancel(): void {
    this.token.isCancellationRequested = true;
    this.cancelling.fire();
  }
}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}

  static file(path: string): Uri {
    return new Uri("file", path);
  }

  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, [base.path, ...parts].join("/"));
  }

  get fsPath(): string {
    return this.path;
  }

  toString(): string {
    return `${this.scheme}://${this.path}`;
  }
}

export class MarkdownString {
  value = "";
  isTrusted: unknown;

  /** What would be markup is escaped, as the editor does it. */
  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-.!~<>|]/g, "\\$&");
    return this;
  }

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

export class ThemeIcon {
  constructor(readonly id: string) {}
}

export class LanguageModelTextPart {
  constructor(readonly value: string) {}
}

export const StatusBarAlignment = { Left: 1, Right: 2 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const ProgressLocation = { Notification: 15 };
export const ConfigurationTarget = { Global: 1, Workspace: 2 };
export const ViewColumn = { Active: -1, Beside: -2 };
export const LanguageModelChatMessageRole = { User: 1, Assistant: 2 };
export const version = "1.127.0";

export const env = {
  language: "en",
  remoteName: undefined as string | undefined,
};

export const l10n = {
  t: (words: string, ...values: unknown[]): string =>
    words.replace(/\{(\d)\}/g, (_, place: string) => String(values[Number(place)])),
};

const changing = new EventEmitter<{ affectsConfiguration: (section: string) => boolean }>();

function affecting(name: string): (section: string) => boolean {
  return (section) => name === section || name.startsWith(`${section}.`);
}

export const workspace = {
  get isTrusted() {
    return person.trusts;
  },
  onDidChangeConfiguration: changing.event,
  getConfiguration: (section: string) => ({
    get: (name: string, otherwise: unknown): unknown => {
      const key = `${section}.${name}`;
      const { user, workspace } = written;
      if (workspace.has(key)) return workspace.get(key);
      return user.has(key) ? user.get(key) : otherwise;
    },
    inspect: (name: string) => ({ workspaceValue: written.workspace.get(`${section}.${name}`) }),
    /** As with the editor, a file is written meanwhile, and others have their turn. */
    update: async (name: string, value: unknown, target: number): Promise<void> => {
      await setImmediate();
      const place = target === ConfigurationTarget.Workspace ? written.workspace : written.user;
      place.set(`${section}.${name}`, value);
      changing.fire({ affectsConfiguration: affecting(`${section}.${name}`) });
    },
  }),
  openTextDocument: ({ content }: { content: string }) => Promise.resolve({ content }),
};

function message(kind: "error" | "warning" | "information") {
  return (text: string, ...rest: (string | { detail?: string })[]): Promise<unknown> => {
    const choices = rest.filter((each) => typeof each === "string");
    const options = rest.find((each) => typeof each === "object");
    seen.push({ kind, text, choices, detail: options?.detail });
    return Promise.resolve(choices.length > 0 ? person.choose(choices, String) : undefined);
  };
}

export const window = {
  activeTextEditor: undefined,
  visibleTextEditors: [],
  showErrorMessage: message("error"),
  showWarningMessage: message("warning"),
  showInformationMessage: message("information"),
  showQuickPick: (items: Item[], { title = "" } = {}): Promise<Item | undefined> => {
    const rows = items.filter(({ kind }) => kind !== QuickPickItemKind.Separator);
    const wordsOf = ({ label, description }: Item): string =>
      [label, description].filter(Boolean).join(": ");
    seen.push({ kind: "pick", text: title, choices: rows.map(wordsOf) });
    return Promise.resolve(person.choose(rows, wordsOf));
  },
  showInputBox: (options: {
    title?: string;
    validateInput?: (text: string) => unknown;
  }): Promise<string | undefined> => {
    const { title = "", validateInput } = options;
    seen.push({ kind: "box", text: title, complaintAbout: validateInput });
    return Promise.resolve(person.answers.shift());
  },
  setStatusBarMessage: (text: string) => {
    seen.push({ kind: "status", text });
    return { dispose: () => undefined };
  },
  showTextDocument: ({ content }: { content: string }): Promise<void> => {
    seen.push({ kind: "document", text: content });
    return Promise.resolve();
  },
  createWebviewPanel: (_type: string, title: string, column: number): FakePanel => {
    const panel = new FakePanel(title, column);
    panels.push(panel);
    return panel;
  },
  createStatusBarItem: () => {
    const item = { text: "", show: () => undefined, dispose: () => undefined };
    statusBarItems.push(item);
    return item;
  },
  createOutputChannel: (name: string) => ({
    info: () => undefined,
    error: () => undefined,
    show: () => seen.push({ kind: "page", text: name }),
    dispose: () => undefined,
  }),
  withProgress: async <T>(
    { title }: { title: string },
    work: (
      progress: { report: (step: { message?: string }) => void },
      token: CancellationTokenSource["token"],
    ) => Promise<T>,
  ): Promise<T> => {
    const source = new CancellationTokenSource();
    const said: string[] = [];
    const entry = { title, said, cancel: () => source.cancel() };
    inProgress.push(entry);
    const report = ({ message = "" }: { message?: string }): void => void said.push(message);
    try {
      return await work({ report }, source.token);
    } finally {
      inProgress.splice(inProgress.indexOf(entry), 1);
    }
  },
  registerWebviewViewProvider: () => ({ dispose: () => undefined }),
  registerWebviewPanelSerializer: () => ({ dispose: () => undefined }),
  registerCustomEditorProvider: () => ({ dispose: () => undefined }),
};

const handlers = new Map<string, (...args: unknown[]) => unknown>();

export const commands = {
  registerCommand: (name: string, handler: (...args: unknown[]) => unknown) => {
    handlers.set(name, handler);
    return { dispose: () => handlers.delete(name) };
  },
  executeCommand: async (name: string, ...args: unknown[]): Promise<unknown> => {
    const handler = handlers.get(name);
    if (!handler) seen.push({ kind: "page", text: [name, ...args].map(String).join(" ") });
    return await handler?.(...args);
  },
};

export const lm = {
  registerLanguageModelChatProvider: () => ({ dispose: () => undefined }),
};
