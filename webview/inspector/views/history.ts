/** Reasoning steps against compactions: which thought is being forgotten, and when. */
import { counted, percent } from "../../../src/shared/units";
import { stepAt } from "../model/moment";
import { share } from "../model/numbers";
import type { StepHistory } from "../model/stepHistory";
import type { Cells, Layer, Mark, Plot, Scene, Size, Target, Words } from "../scene/scene";
import type { Data } from "../state/data";
import type { State } from "../state/state";
import { counting, nothingEvicted, nothingToShow } from "./parts/absent";
import { historyOf, historyTable } from "./parts/history";
import { costPlot } from "./parts/stepCosts";

/** Height of a step, in pixels, that is enough. */
const tallest = 22;

export function history(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run } = state;
  const steps = historyOf(state, data);
  const table = () => historyTable(run, steps ?? []);
  if (run.compactions.length === 0 || !steps || steps.length === 0) {
    const isCounted = run.compactions.length === 0 || steps !== undefined;
    return nothingToShow(isCounted ? nothingEvicted : counting, table, sentence(state, steps));
  }
  const costs = run.divergences.exist ? [data.derive("costs", () => costPlot(state, size))] : [];
  return {
    sentence: sentence(state, steps),
    columns: costs.length > 0 ? [1, "side"] : [1],
    plots: [matrix(state, data, size, steps), ...costs],
    arrows: arrows(state),
    table,
  };
}

function matrix(state: Readonly<State>, data: Data, size: Size, steps: StepHistory[]): Plot {
  const { run } = state;
  const { cells, names, below } = data.derive("matrix", () => drawn(state, data, size));
  return {
    x: { domain: [0, run.compactions.length] },
    y: { domain: [0, steps.length], labels: names, most: tallest },
    cells: [cells],
    layers: [chosen(state, steps)],
    above: [value(state, steps)],
    below,
    at: (x, y) => {
      const [compaction, step] = [run.compactions[Math.floor(x)], steps[Math.floor(y)]?.step];
      return compaction && step && { position: step.from, moment: compaction.position };
    },
  };
}

/** What stays of the plot while the moment moves. */
function drawn(state: Readonly<State>, data: Data, size: Size) {
  const steps = historyOf(state, data) ?? [];
  const { length } = state.run.compactions;
  const bands = { count: length, name: (index: number) => String(index + 1) };
  const below: Words[] = [
    { name: "compactions", bands },
    { name: "unit", words: [{ at: "end", text: "compaction" }] },
  ];
  const names = { count: steps.length, name: (index: number) => steps[index].name };
  return { cells: cellsOf(state, size, steps), names, below };
}

/** Share of each step's slots held after each compaction, no more of them than pixels. */
function cellsOf({ run }: Readonly<State>, { width, height }: Size, steps: StepHistory[]): Cells {
  const across = evenly(run.compactions.length, width);
  const down = evenly(steps.length, height);
  const values = new Float32Array(across.length * down.length).fill(NaN);
  down.forEach((line, at) => {
    const { step, survival } = steps[line];
    across.forEach((column, to) => {
      if (run.compactions[column].position > step.from)
        values[at * across.length + to] = survival.heldAfter(column + 1) || 0;
    });
  });
  return { columns: across.length, values, scale: { scale: "held" }, parted: { x: 1, y: 1 } };
}

/** Indices of things that share a length of pixels: all of them, or one for each pixel. */
function evenly(things: number, pixels: number): number[] {
  const length = Math.min(things, Math.max(1, Math.round(pixels)));
  return Array.from({ length }, (_, index) => Math.floor((index * things) / length));
}

function chosen({ run, selected, compactions }: Readonly<State>, steps: StepHistory[]): Layer {
  const step = stepAt(run.steps, selected ?? -1);
  const marks: Mark[] = [];
  if (compactions > 0)
    marks.push({ mark: "box", x: [compactions - 1, compactions], look: "moment-frame" });
  if (step in steps) marks.push({ mark: "box", y: [step, step + 1], look: "selected-frame" });
  return { name: "moment", marks };
}

function value({ run, selected, compactions }: Readonly<State>, steps: StepHistory[]): Words {
  const chosenStep = steps[stepAt(run.steps, selected ?? -1)];
  const held = chosenStep?.survival.heldAfter(compactions) ?? NaN;
  if (Number.isNaN(held) || compactions === 0) return { name: "value", words: [] };
  const text = `${chosenStep.name}: ${percent(held)} held after compaction ${compactions}`;
  return { name: "value", words: [{ at: "start", text, look: "mark" }] };
}

function sentence({ run, compactions }: Readonly<State>, steps: StepHistory[] | undefined): string {
  const prompt = steps?.find(({ step }) => step.kind === "prompt");
  if (run.compactions.length === 0 || !prompt) return "what survives of each step";
  const gone = counted(prompt.survival.forgottenAfter(compactions), "prompt token");
  return `${share(prompt.survival.heldAfter(compactions))} of the prompt's slots held · ${gone} forgotten by all`;
}

function arrows({ run: { steps }, selected }: Readonly<State>): Scene["arrows"] {
  const at = stepAt(steps, selected ?? 0);
  const to = (step: number): Target | undefined => steps[step] && { position: steps[step].from };
  return { ArrowUp: to(at - 1), ArrowDown: to(at + 1) };
}
