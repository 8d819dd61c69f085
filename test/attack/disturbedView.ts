/** T13: the view goes away while an answer streams into it. */
import type { Attack } from "./attack";
import { cannotRunVscode, inRealVscode } from "./realVscode";

export const disturbedView: Attack = {
  id: "T13",
  what: "the chat reloaded, hidden or moved while an answer streams in, in a real VS Code",
  goal: "200 times: the words are the engine's, none missing and none twice; back within 300 ms",
  short: { inTests: "test/vscode/cycles.ts" },
  long: 200,
  absent: cannotRunVscode,
  run: (times, chance, tell) => inRealVscode("cycles", times, chance, tell),
};
