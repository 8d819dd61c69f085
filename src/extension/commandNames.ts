/** The commands, each contributed by package.json as `rkv.NAME`. */
export const commandNames = [
  "setBudget",
  "setPolicy",
  "pinPrompt",
  "nextBudget",
  "previousBudget",
  "selectModel",
  "checkModel",
  "downloadModel",
  "unloadModel",
  "showDiagnostics",
  "newConversation",
  "stop",
  "focusChat",
  "openInEditor",
  "openInspector",
  "openTrace",
  "compareRuns",
  "exportConversation",
  "attachSelection",
] as const;

export type CommandName = (typeof commandNames)[number];
