import type { Command } from "./arguments";
import {
  deviceOf,
  deviceOption,
  existingTrace,
  jsonOption,
  modelFolder,
  modelOption,
  onlyOperand,
  withEngine,
} from "./engine";
import { exitCodes } from "./exitCodes";
import { onInterrupt } from "./interrupt";
import { LiveView } from "./liveView";
import { aside, output } from "./terminal";
import { count as formatCount } from "../shared/units";

const run = "replay";

export const replayCommand: Command = {
  name: "replay",
  operands: "TRACE",
  summary: "Force a trace's tokens through a full cache and write the difference into the trace.",
  notes: "JSON fields: tokens, firstDivergence (a position or null), meanKl (nats).",
  options: { model: modelOption, device: deviceOption, json: jsonOption },
  run: async (args) => {
    const traceFile = existingTrace(onlyOperand(args, "trace"));
    const params = { run, traceFile, folder: modelFolder(args), device: deviceOf(args) };
    return withEngine(async (engine) => {
      const view = new LiveView(output, aside, process.env);
      engine.subscribe({
        replaying: ({ done, total }) =>
          view.progress(`replayed ${formatCount(done)} of ${formatCount(total)} tokens`),
      });
      const replaying = engine.request("replay", params);
      const interrupt = onInterrupt(engine, () => engine.cancel(run, replaying));
      try {
        const result = await replaying;
        view.finish();
        if (args.flag("json")) output.json(result);
        else output.say(inWords(result));
        return interrupt.happened() ? exitCodes.stopped : exitCodes.done;
      } finally {
        view.finish();
        interrupt.dispose();
      }
    });
  },
};

function inWords(result: {
  tokens: number;
  firstDivergence: number | null;
  meanKl: number;
}): string {
  const { tokens, firstDivergence, meanKl } = result;
  const first =
    firstDivergence === null
      ? "a full cache would have chosen every one of them"
      : `a full cache would first have chosen another token at position ${firstDivergence}`;
  return `${formatCount(tokens)} tokens replayed: ${first}; mean KL divergence ${meanKl.toExponential(2)} nats.`;
}
