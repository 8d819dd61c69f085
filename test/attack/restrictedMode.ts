/** T20: a folder that nobody trusts, opened in a real VS Code. */
import type { Attack } from "./attack";
import { cannotRunVscode, inRealVscode } from "./realVscode";

export const restrictedMode: Attack = {
  id: "T20",
  what: "a question, every command that ends at the engine and a trace in Restricted Mode",
  goal: "no engine starts, each refusal says why, the folder's settings are ignored, the trace opens",
  short: { inTests: "test/vscode/restricted.ts" },
  long: 1,
  absent: cannotRunVscode,
  run: (times, chance, tell) => inRealVscode("restricted", times, chance, tell),
};
