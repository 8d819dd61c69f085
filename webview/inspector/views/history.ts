import { scaleLinear } from "d3";
import { counted, percent } from "../../common/format";
import { frame, layer, makeFigure, paintPixels, prepare, write, type Figure } from "../figure";
import { share } from "../model/numbers";
import type { Run, Step } from "../model/run";
import { evictedIn, survival, type Survival } from "../model/survival";
import { stepAt } from "../model/moment";
import { scrub, select } from "../state";
import { levelOf } from "../theme";
import type { Context, View } from "../view";

const margin = { top: 20, right: 14, bottom: 32, left: 60 };

interface StepHistory extends Survival {
  name: string;
  step: Step;
}

const known = new WeakMap<Run, { version: number; steps: StepHistory[] }>();

/** What survives of each step after each compaction; counted once per version of the run. */
export function historyOf(run: Run): StepHistory[] {
  const found = known.get(run);
  if (found?.version === run.version) return found.steps;
  const steps = run.steps.map((step, index) => ({
    step,
    name: step.kind === "prompt" ? "Prompt" : `Step ${index}`,
    ...survival(run, step.from, step.to),
  }));
  known.set(run, { version: run.version, steps });
  return steps;
}

/** Reasoning steps against compactions: which thought is being forgotten, and when. */
export function history(context: Context): View {
  const { store } = context;
  const figure = makeFigure("Eviction history. Arrow keys move the step and the compaction.");
  const x = scaleLinear();
  const y = scaleLinear();

  function draw(): void {
    const canvas = prepare(figure);
    if (!canvas) return;
    const { run } = store.state;
    const steps = historyOf(run);
    const columns = run.compactions.length;
    if (columns === 0 || steps.length === 0) {
      figure.svg.selectAll("g").remove();
      const text = "Nothing was evicted: no compaction has happened.";
      write(layer(figure, "empty"), [
        { x: figure.width / 2, y: figure.height / 2, text, anchor: "middle" },
      ]);
      return;
    }
    x.domain([0, columns]).range([margin.left, figure.width - margin.right]);
    const most = Math.min(figure.height - margin.bottom, margin.top + steps.length * 22);
    y.domain([0, steps.length]).range([margin.top, most]);
    paintCells(canvas, steps, columns);
    drawNames(figure, steps, x, y);
    drawMoment(figure, context, steps, x, y);
  }

  function paintCells(canvas: CanvasRenderingContext2D, steps: StepHistory[], columns: number) {
    const theme = context.theme();
    const { run } = store.state;
    const [gapX, gapY] = [x(1) - x(0) > 6 ? 1.5 : 0, y(1) - y(0) > 6 ? 1.5 : 0];
    const pixels = new Uint32Array(steps.length * columns);
    steps.forEach(({ step, held }, line) => {
      for (let column = 0; column < columns; column++) {
        if (run.compactions[column].position <= step.from) continue;
        pixels[line * columns + column] = theme.heldPixels[levelOf(held[column + 1] || 0)];
      }
    });
    paintPixels(canvas, pixels, columns, {
      x: margin.left,
      y: margin.top,
      width: x.range()[1] - margin.left,
      height: y.range()[1] - margin.top,
    });
    canvas.fillStyle = theme.background;
    if (gapX)
      for (let column = 1; column < columns; column++)
        canvas.fillRect(x(column) - gapX / 2, margin.top, gapX, y.range()[1] - margin.top);
    if (gapY)
      for (let line = 1; line < steps.length; line++)
        canvas.fillRect(margin.left, y(line) - gapY / 2, x.range()[1] - margin.left, gapY);
  }

  figure.root.addEventListener("click", (event) => {
    const { run } = store.state;
    const column = Math.floor(x.invert(event.offsetX));
    const step = historyOf(run)[Math.floor(y.invert(event.offsetY))];
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
      const prompt = survival(run, 0, run.promptTokens);
      if (run.compactions.length === 0 || run.promptTokens === 0)
        return "what survives of each step";
      const gone = prompt.forgotten[compactions] ?? 0;
      return `${share(prompt.held[compactions])} of the prompt's slots held · ${counted(gone, "prompt token")} forgotten by all`;
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
  const value = steps[chosen]?.held[now];
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

function historyTable({ store }: Context) {
  const { run } = store.state;
  return {
    columns: [
      "step",
      "title",
      "tokens",
      "compaction",
      "slots evicted",
      "share held",
      "forgotten by all",
    ],
    rows: historyOf(run).flatMap(({ name, step, held, forgotten }) =>
      run.compactions.flatMap(({ position }, compaction) =>
        position <= step.from
          ? []
          : [
              [
                name,
                step.title,
                step.to - step.from,
                compaction + 1,
                evictedIn(run, compaction, step.from, step.to),
                held[compaction + 1],
                forgotten[compaction + 1],
              ],
            ],
      ),
    ),
  };
}
