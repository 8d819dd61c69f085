import { bisectRight, cumsum, max, scaleLinear } from "d3";
import { counted, percent } from "../../common/format";
import {
  canvasOf,
  frame,
  instead,
  layer,
  makeFigure,
  onePerPixel,
  paintPixels,
  prepare,
  write,
  type Figure,
} from "../figure";
import { brief, share } from "../model/numbers";
import { stepAt } from "../model/moment";
import type { Run } from "../model/run";
import { historyOf } from "../state/historyOf";
import type { StepHistory } from "../model/stepHistory";
import { scrub, select } from "../state/state";
import { rowsMade, type Table } from "../scene/table";
import { levelOf } from "../scene/theme";
import type { Context, View } from "../view";

const margin = { top: 20, right: 14, bottom: 32, left: 60 };
const costWidth = 64;
const nothingEvicted = "Nothing was evicted: no compaction has happened.";
const costs = (run: Run): boolean => run.divergences.exist;

/** Reasoning steps against compactions: which thought is being forgotten, and when. */
export function history(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Eviction history. Arrow keys move the step and the compaction.");
  const x = scaleLinear();
  const y = scaleLinear();

  const stepsNow = () => historyOf(context);

  function draw(): void {
    if (!prepare(figure)) return;
    const { run, version, theme } = store.state;
    const steps = stepsNow();
    const columns = run.compactions.length;
    const isEmpty = columns === 0 || steps?.length === 0;
    if (instead(figure, isEmpty ? nothingEvicted : steps ? "" : "Counting…") || !steps) return;
    const wide = costs(run) ? costWidth : 0;
    x.domain([0, columns]).range([margin.left, figure.width - margin.right - wide]);
    const floor = Math.min(figure.height - margin.bottom, margin.top + steps.length * 22);
    y.domain([0, steps.length]).range([margin.top, floor]);
    const canvas = canvasOf(figure, run, version, theme, steps);
    if (canvas) {
      paintCells(canvas, steps, columns);
      const most = costs(run) ? paintCosts(canvas, run) : undefined;
      drawNames(figure, steps, x, y);
      drawCostTitle(figure, x.range()[1] + 12, y.range()[1], most);
    }
    drawMoment(figure, context, steps, x, y);
  }

  function paintCells(canvas: CanvasRenderingContext2D, steps: StepHistory[], columns: number) {
    const theme = context.theme();
    const { run } = store.state;
    const [left, right] = x.range();
    const [top, bottom] = y.range();
    const across = evenly(columns, right - left);
    const down = evenly(steps.length, bottom - top);
    const pixels = new Uint32Array(across.length * down.length);
    down.forEach((line, at) => {
      const { step, survival } = steps[line];
      across.forEach((column, to) => {
        if (run.compactions[column].position <= step.from) return;
        const held = survival.heldAfter(column + 1) || 0;
        pixels[at * across.length + to] = theme.heldPixels[levelOf(held)];
      });
    });
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    paintPixels(canvas, pixels, across.length, place);
    canvas.fillStyle = theme.background;
    if (x(1) - x(0) > 6)
      for (let column = 1; column < columns; column++)
        canvas.fillRect(x(column) - 0.75, top, 1.5, bottom - top);
    if (y(1) - y(0) > 6)
      for (let line = 1; line < steps.length; line++)
        canvas.fillRect(left, y(line) - 0.75, right - left, 1.5);
  }

  /**
   * Beside each step, the divergence from the full cache that a replay found in it; orange where
   * the full cache would first have said something else. @returns the largest, in nats
   */
  function paintCosts(canvas: CanvasRenderingContext2D, run: Run): number {
    const theme = context.theme();
    const costOf = run.steps.map(({ from, to }) => run.divergences.meanKl(from, to));
    const bar = scaleLinear([0, max(costOf) || 1], [0, costWidth - 14]);
    const left = x.range()[1] + 12;
    const first = run.divergences.firstOtherToken;
    onePerPixel([...run.steps.keys()], (line) => y(line)).forEach((line) => {
      const { from, to } = run.steps[line];
      const height = Math.max(1, y(1) - y(0) - 1.5);
      const holdsFirst = first !== undefined && first >= from && first < to;
      canvas.fillStyle = holdsFirst ? theme.orange : theme.muted;
      canvas.fillRect(left, y(line) + 0.75, Math.max(0, bar(costOf[line]) || 0), height);
    });
    return max(costOf) ?? 0;
  }

  figure.root.addEventListener("click", (event) => {
    const { run } = store.state;
    const column = Math.floor(x.invert(event.offsetX));
    const step = stepsNow()?.[Math.floor(y.invert(event.offsetY))];
    if (!step || !(column in run.compactions)) return;
    select(store, step.step.from);
    scrub(store, run.compactions[column].position);
  });

  return {
    root: figure.root,
    needs: ["run", "version", "tokens", "selected", "theme"],
    draw,
    subtitle() {
      const { run } = store.state;
      const { compactions } = store.moment;
      const prompt = stepsNow()?.find(({ step }) => step.kind === "prompt");
      if (run.compactions.length === 0 || !prompt) return "what survives of each step";
      const gone = prompt.survival.forgottenAfter(compactions);
      return `${share(prompt.survival.heldAfter(compactions))} of the prompt's slots held · ${counted(gone, "prompt token")} forgotten by all`;
    },
    table: () => historyTable(context),
    onKey(event) {
      const { run } = store.state;
      const steps = run.steps;
      const at = stepAt(steps, store.state.selected ?? 0);
      const line = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : NaN;
      if (!(line in steps)) return false;
      select(store, steps[line].from);
      return true;
    },
  };
}

type Scale = ReturnType<typeof scaleLinear<number, number>>;

function drawNames(figure: Figure, steps: StepHistory[], x: Scale, y: Scale): void {
  const everyLine = Math.max(1, Math.ceil(13 / (y(1) - y(0))));
  write(
    layer(figure, "steps"),
    steps.flatMap(({ name }, line) =>
      line % everyLine === 0
        ? [{ x: margin.left - 7, y: y(line + 0.5) + 4, text: name, anchor: "end" as const }]
        : [],
    ),
  );
  const columns = x.domain()[1];
  const everyColumn = Math.max(1, Math.ceil((columns * 26) / (x.range()[1] - margin.left)));
  write(layer(figure, "compactions"), [
    ...Array.from({ length: Math.ceil(columns / everyColumn) }, (_, index) => ({
      x: x(index * everyColumn + 0.5),
      y: y.range()[1] + 15,
      text: String(index * everyColumn + 1),
      anchor: "middle" as const,
    })),
    { x: x.range()[1], y: y.range()[1] + 29, text: "compaction", anchor: "end" },
  ]);
}

/** @param most the largest mean divergence of a step; undefined where there was no replay */
function drawCostTitle(
  figure: Figure,
  left: number,
  floor: number,
  most: number | undefined,
): void {
  const words = most === undefined ? [] : ["KL, nats", `≤ ${brief(most)}`];
  write(
    layer(figure, "cost-title"),
    words.map((text, line) => ({
      x: left,
      y: floor + 15 + line * 14,
      text,
    })),
  );
}

function drawMoment(
  figure: Figure,
  { store }: Context,
  steps: StepHistory[],
  x: Scale,
  y: Scale,
): void {
  const now = store.moment.compactions;
  const chosen = stepAt(store.state.run.steps, store.state.selected ?? -1);
  const column = { x: x(now - 1), y: margin.top - 2, width: x(1) - x(0) };
  frame(layer(figure, "moment"), [
    ...(now > 0
      ? [{ ...column, height: y.range()[1] - margin.top + 4, kind: "moment-frame" }]
      : []),
    ...(chosen in steps
      ? [
          {
            x: margin.left - 2,
            y: y(chosen),
            width: x.range()[1] - margin.left + 4,
            height: y(1) - y(0),
            kind: "selected-frame",
          },
        ]
      : []),
  ]);
  const value = steps[chosen]?.survival.heldAfter(now);
  write(
    layer(figure, "value"),
    value === undefined || Number.isNaN(value) || now === 0
      ? []
      : [
          {
            x: margin.left,
            y: margin.top - 7,
            text: `${steps[chosen].name}: ${percent(value)} held after compaction ${now}`,
            kind: "mark",
          },
        ],
  );
}

/** Indices of things that share a length of pixels: all of them, or one for each pixel. */
function evenly(things: number, pixels: number): number[] {
  const length = Math.min(things, Math.max(1, Math.round(pixels)));
  return Array.from({ length }, (_, index) => Math.floor((index * things) / length));
}

function historyTable(context: Context): Table {
  const { run } = context.store.state;
  const steps = historyOf(context) ?? [];
  const positions = run.compactions.map(({ position }) => position);
  /** Compactions that a step did not live to see stand at the beginning, and have no row. */
  const unseen = steps.map(({ step }) => bisectRight(positions, step.from));
  const ends = cumsum(unseen, (count) => positions.length - count);
  return {
    columns: [
      "step",
      "title",
      "tokens",
      "compaction",
      "slots evicted",
      "share held",
      "forgotten by all",
      "mean KL of the step, nats",
    ],
    rows: rowsMade(ends.at(-1) ?? 0, (index) => {
      const line = bisectRight(ends, index);
      const compaction = positions.length - (ends[line] - index);
      const { name, step, survival } = steps[line];
      return [
        name,
        step.title,
        step.to - step.from,
        compaction + 1,
        survival.evictedIn(compaction),
        Math.fround(survival.heldAfter(compaction + 1)),
        survival.forgottenAfter(compaction + 1),
        run.divergences.meanKl(step.from, step.to),
      ];
    }),
  };
}
