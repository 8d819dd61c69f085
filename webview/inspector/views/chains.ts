/** The chains of one question side by side: what each answers, and what it still holds of the prompt. */
import { sides, type Chains } from "../model/chains";
import type { Instead, Legend, Scene, Size } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { noTokens, nothingToShow } from "./parts/absent";
import { differencePlot, lengthPlot, promptPlot } from "./parts/chainPlots";
import { chainsAbsent, chainsRead } from "./parts/chainsRead";
import { chainTable, chainWords, keptMoreList } from "./parts/chainWords";

export function chains(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const found = run.header.chains > 1 ? chainsRead(state, data) : undefined;
  const table = () => chainTable(found);
  if (run.header.chains === 1) return nothingToShow(alone, table);
  if (!found) return nothingToShow(chainsAbsent(state, data), table);
  if (found.promptTokens === 0) return nothingToShow(noTokens, table);
  const [agreeing, others] = sides(found);
  const isParted = agreeing.length > 0 && others.length > 0;
  return {
    sentence: chainWords(found, run.texts),
    columns: [1, "side"],
    rows: isParted ? [2, 1] : [1],
    plots: [
      promptPlot(state, found, size),
      lengthPlot(found),
      ...(isParted ? [differencePlot(state, found, size)] : []),
    ],
    legend: legendOf(isParted),
    list: isParted ? keptMoreList(found, run.texts) : undefined,
    arrows: arrows(state, found),
    table,
  };
}

const alone: Instead = {
  text: "This run has one chain. A question that is thought through several ways has its chains here.",
};

function legendOf(isParted: boolean): Legend {
  const ramp = { scale: { scale: "heldAtEnd" as const }, low: "held by none", high: "all heads" };
  if (!isParted) return { ramp, words: [] };
  const keys = [
    { fill: "keptMore" as const, text: "the majority holds more" },
    { fill: "keptLess" as const, text: "the others do" },
  ];
  return { ramp, keys, words: [] };
}

/** To the chain above and below. */
function arrows({ run: { chain } }: Readonly<State>, { all }: Chains): Scene["arrows"] {
  return {
    ArrowUp: { chain: Math.max(0, chain - 1) },
    ArrowDown: { chain: Math.min(all.length - 1, chain + 1) },
  };
}
