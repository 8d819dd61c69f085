/** What went, step by step and compaction by compaction; and behind a cell, which tokens and why. */
import { maxIndex, sum } from "d3";
import { count, counted } from "../../../src/shared/units";
import { tokenKinds } from "../model/kinds";
import { headName } from "../model/explanation";
import type { StepHistory } from "../model/stepHistory";
import type { Control, Legend, Scene, Size } from "../scene/scene";
import type { Data } from "../state/data";
import { asideOf } from "../state/explained";
import type { State } from "../state/state";
import { counting, nothingEvicted, nothingToShow } from "./parts/absent";
import { cellArrows, evictedPlot, lossesOf, pickedCell, type Cell } from "./parts/evictedCells";
import {
  allKinds,
  kindLegend,
  kindPlot,
  kindsIn,
  kindsLost,
  kindWords,
} from "./parts/evictedKinds";
import { evictedList, evictedTable, tokensIn } from "./parts/evictedTokens";
import { goneOf, stepWords, survivalTable } from "./parts/history";

export function evicted(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const steps = lossesOf(state, data);
  const controls = [toggle(state)];
  if (run.compactions.length === 0 || !steps || steps.length === 0) {
    const isCounted = run.compactions.length === 0 || steps !== undefined;
    const table = () => survivalTable(run, steps ?? []);
    return nothingToShow(isCounted ? nothingEvicted : counting, table);
  }
  const cell = pickedCell(state);
  const main = evictedPlot(state, data, size);
  return {
    sentence: data.derive("sentence", () => sentence(state, data)),
    aside: cell && asideOf(state),
    columns: [70, 30],
    plots: [main, kindPlot(state, data, size, steps.length)],
    list: cell && data.derive("list", () => listOf(state, data)),
    legend: legendOf(main.cells?.[0].scale),
    controls,
    arrows: cellArrows(state, steps),
    table: () => (cell ? evictedTable(state, data, cell) : survivalTable(run, steps)),
  };
}

function listOf(state: Readonly<State>, data: Data): Scene["list"] {
  const cell = pickedCell(state);
  return cell && evictedList(state, data, cell);
}

const toggle = ({ oneHead }: Readonly<State>): Control => {
  return {
    control: "toggle",
    label: "This head only",
    isOn: oneHead,
    change: { oneHead: !oneHead },
  };
};

function legendOf(scale: { scale: string; most?: number } | undefined): Legend {
  const { most = 1 } = scale ?? {};
  const high = `${counted(most, "slot")} evicted (square-root shade)`;
  const ramp = { scale: { scale: "count", most: 1 } as const, low: "0", high };
  return { ramp, keys: kindLegend, words: [] };
}

function sentence(state: Readonly<State>, data: Data): string {
  if (state.compactions === 0) return "No compaction yet at this moment: nothing is gone.";
  const steps = lossesOf(state, data) ?? [];
  const cell = pickedCell(state);
  const step = cell && steps[cell.step];
  return step ? ofCell(state, data, cell, step) : ofMoment(state, data, steps);
}

function ofCell(state: Readonly<State>, data: Data, cell: Cell, of: StepHistory): string {
  const { survival } = of;
  const kinds = kindsIn(state, data);
  const went = new Uint32Array(tokenKinds.length);
  for (const { position, heads } of tokensIn(state, data, cell) ?? [])
    if (kinds) went[kinds[position]] += heads;
  const taken = `${count(survival.evictedIn(cell.compaction))} of ${stepWords(of)}'s ${counted(survival.slots, "slot")}`;
  const kindly = kindWords(went);
  const after = `After it, ${goneOf(of, cell.compaction + 1)} gone from ${state.oneHead ? "this" : "every"} head.`;
  return `Compaction ${cell.compaction + 1} evicted ${taken}${fromHead(state)}${kindly && `: ${kindly}`}. ${after}`;
}

function ofMoment(state: Readonly<State>, data: Data, steps: StepHistory[]): string {
  const { compactions } = state;
  const now = steps.map(({ survival }) => survival.evictedIn(compactions - 1));
  const most = maxIndex(now);
  const taken = `Compaction ${compactions} evicted ${counted(sum(now), "slot")}${fromHead(state)}`;
  const from = sum(now) > 0 ? `, ${count(now[most])} of them from ${stepWords(steps[most])}` : "";
  const all = count(sum(steps, ({ survival }) => survival.evictedAfter(compactions)));
  const kinds = kindsLost(state, data);
  const kindly = kinds && kindWords(allKinds(kinds));
  return `${taken}${from}. So far ${all} are gone${kindly ? `: ${kindly}` : ""}.`;
}

const fromHead = ({ oneHead, layer, head }: Readonly<State>): string =>
  oneHead ? ` from ${headName({ layer, head })}` : "";
