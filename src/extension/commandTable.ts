/** The commands, each contributed by package.json as `rkv.NAME` and done by the workbench. */
interface Command {
  /** It ends at the engine, or fetches what that is to run: not in a window that is not trusted. */
  needsTrust?: true;
}

const table = {
  setBudget: {},
  setChains: {},
  setPolicy: {},
  pinPrompt: {},
  nextBudget: {},
  previousBudget: {},
  selectModel: { needsTrust: true },
  checkModel: { needsTrust: true },
  downloadModel: { needsTrust: true },
  unloadModel: {},
  measureDevices: { needsTrust: true },
  showDiagnostics: {},
  newConversation: {},
  stop: {},
  focusChat: {},
  openInEditor: {},
  openInspector: {},
  openTrace: {},
  compareRuns: { needsTrust: true },
  exportConversation: {},
  attachSelection: {},
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof table;

export const commandTable: Record<CommandName, Command> = table;

export const commandNames = Object.keys(table) as CommandName[];
