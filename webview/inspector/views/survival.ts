/** Reasoning steps against compactions: which thought is being forgotten, and when. */
import { minIndex } from "d3";
import { percent } from "../../../src/shared/units";
import { stepAt } from "../model/moment";
import type { StepHistory } from "../model/stepHistory";
import type { Cells, Layer, Legend, Mark, Plot, Scene, Size, Target } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { counting, nothingEvicted, nothingToShow } from "./parts/absent";
import { costPlot } from "./parts/stepCosts";
import { evenly, goneOf, historyOf, stepAxes, stepWords, survivalTable } from "./parts/history";

/** Height of a step, in pixels, that is enough. */
const tallest = 22;

export function survival(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const steps = historyOf(state, data);
  const table = () => survivalTable(run, steps ?? []);
  if (run.compactions.length === 0 || steps?.length === 0)
    return nothingToShow(nothingEvicted, table);
  if (!steps) return nothingToShow(counting, table);
  const costs = run.divergences.exist ? [data.derive("costs", () => costPlot(state, size))] : [];
  return {
    sentence: sentence(state, steps),
    columns: costs.length > 0 ? [1, "side"] : [1],
    plots: [matrix(state, data, size, steps), ...costs],
    legend,
    arrows: arrows(state),
    table,
  };
}

const legend: Legend = {
  ramp: { scale: { scale: "held" }, low: "0 %", high: "100 % of a step's slots held" },
  words: [],
};

function matrix(state: Readonly<State>, data: Data, size: Size, steps: StepHistory[]): Plot {
  const { run } = state;
  const { cells, x, labels, below } = data.derive("matrix", () => drawn(state, data, size));
  return {
    x,
    y: { domain: [0, steps.length], labels, most: tallest },
    cells: [cells],
    layers: [chosen(state, steps)],
    below,
    at: (across, down) => {
      const compaction = run.compactions[Math.floor(across)];
      const step = steps[Math.floor(down)]?.step;
      return compaction && step && { position: step.from, moment: compaction.position };
    },
  };
}

/** What stays of the plot while the moment moves. */
function drawn(state: Readonly<State>, data: Data, size: Size) {
  const steps = historyOf(state, data) ?? [];
  return Object.assign(stepAxes(state.run, steps), { cells: cellsOf(state, size, steps) });
}

/** Share of each step's slots held after each compaction, no more of them than pixels. */
function cellsOf({ run }: Readonly<State>, { width, height }: Size, steps: StepHistory[]): Cells {
  const across = evenly(run.compactions.length, width);
  const down = evenly(steps.length, height);
  const values = new Float32Array(across.length * down.length).fill(NaN);
  down.forEach((line, at) => {
    const { step, survival: of } = steps[line];
    across.forEach((column, to) => {
      if (run.compactions[column].position > step.from)
        values[at * across.length + to] = of.heldAfter(column + 1) || 0;
    });
  });
  return { columns: across.length, values, scale: { scale: "held" }, parted: { x: 1, y: 1 } };
}

function chosen({ run, selected, compactions }: Readonly<State>, steps: StepHistory[]): Layer {
  const step = stepAt(run.steps, selected ?? -1);
  const marks: Mark[] = [];
  if (compactions > 0)
    marks.push({ mark: "box", x: [compactions - 1, compactions], look: "moment-frame" });
  if (step in steps) marks.push({ mark: "box", y: [step, step + 1], look: "selected-frame" });
  return { name: "moment", marks };
}

/** Of the selected step, else of the prompt; and of the other, or of the step of which least is left. */
function sentence({ run, selected, compactions }: Readonly<State>, steps: StepHistory[]): string {
  if (compactions === 0) return "No compaction yet at this moment: everything survives.";
  const written = steps.filter(({ step }) => step.from < run.compactions[compactions - 1].position);
  const held = (of: StepHistory) => of.survival.heldAfter(compactions);
  const prompt = written.find(({ step }) => step.kind === "prompt");
  const least = written[minIndex(written, held)] as StepHistory | undefined;
  const told = steps[stepAt(run.steps, selected ?? -1)] ?? prompt ?? least;
  if (!told) return "";
  if (!written.includes(told))
    return `${told.name} came after compaction ${compactions}: all of it survives.`;
  const own = `Of ${stepWords(told)}'s slots ${percent(held(told))} survive compaction ${compactions}, and ${goneOf(told, compactions)} gone from every head`;
  if (prompt && prompt !== told)
    return `${own}; the prompt keeps ${percent(held(prompt))}, and ${goneOf(prompt, compactions)} gone.`;
  if (!least || least === told) return `${own}.`;
  return `${own}; least is left of ${stepWords(least)}, ${percent(held(least))}.`;
}

function arrows({ run: { steps }, selected }: Readonly<State>): Scene["arrows"] {
  const at = stepAt(steps, selected ?? 0);
  const to = (step: number): Target | undefined => steps[step] && { position: steps[step].from };
  return { ArrowUp: to(at - 1), ArrowDown: to(at + 1) };
}
