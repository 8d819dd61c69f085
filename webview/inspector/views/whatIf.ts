import { scaleLinear } from "d3";
import { element, setText } from "../../common/dom";
import {
  decisionAbsence,
  explained,
  explainedDecision,
  explainedName,
  explainedSimilarities,
  supposedRedundancy,
} from "../state/explained";
import {
  canvasOf,
  instead,
  layer,
  makeFigure,
  onePerPixel,
  prepare,
  rule,
  scoresAbsent,
  write,
  type Instead,
} from "../figure";
import { flips, type Candidate, type Decision, type Flips } from "../model/decision";
import { select, type Supposed } from "../state/state";
import type { Context, View } from "../view";

const margin = { top: 20, right: 14, bottom: 26, left: 14 };

interface Question {
  name: keyof Supposed;
  label: string;
  largest: (decision: Decision | undefined) => number;
  step: number;
  logged: (context: Context, decision: Decision | undefined) => number;
}

const compactionOf = ({ store }: Context) =>
  store.state.run.compactions[explained(store)?.compaction ?? 0];

const questions: Question[] = [
  {
    name: "lambda",
    label: "λ",
    largest: () => 1,
    step: 0.01,
    logged: (context) => compactionOf(context)?.lambda ?? 0,
  },
  {
    name: "retain",
    label: "retained",
    largest: (decision) => decision?.candidates.length ?? 1,
    step: 1,
    logged: (_, decision) => decision?.cut ?? 0,
  },
  {
    name: "threshold",
    label: "threshold",
    largest: () => 1,
    step: 0.01,
    logged: (context) => compactionOf(context)?.similarityThreshold ?? 0,
  },
];

/** Which candidates would fare otherwise with another λ, budget or threshold: to first order. */
export function whatIf(context: Context): View {
  const { store, data } = context;
  const figure = makeFigure("Tokens that would fare otherwise, along the text.");
  const x = scaleLinear();
  const sliders = questions.map((question) => sliderOf(context, question));
  const root = element(
    "div",
    { class: "what-if" },
    element("div", { class: "sliders" }, ...sliders.map(({ root: made }) => made)),
    figure.root,
  );

  const decisionNow = () => {
    const asked = explained(store);
    return asked && explainedDecision(store.state, data, asked);
  };

  function flipsNow(found: Decision): Flips {
    const { lambda, retain, threshold } = store.state.supposed;
    const asked = explained(store);
    const similar =
      threshold === undefined || !asked
        ? undefined
        : explainedSimilarities(store.state, data, asked);
    return flips(found, {
      lambda: lambda ?? compactionOf(context).lambda,
      retain: retain ?? found.cut,
      redundancy: similar && supposedRedundancy(similar, threshold ?? similar.threshold),
    });
  }

  function draw(): void {
    const found = decisionNow();
    const isRkv = compactionOf(context)?.policy === "rkv";
    for (const slider of sliders) slider.show(found, isRkv);
    if (!prepare(figure)) return;
    if (instead(figure, found && isRkv ? "" : emptyWords(context)) || !found) return;
    const { savedInstead, evictedInstead } = flipsNow(found);
    const last = compactionOf(context).position;
    x.domain([0, last]).range([margin.left, figure.width - margin.right]);
    const middle = (margin.top + figure.height - margin.bottom) / 2;
    const reach = middle - margin.top - 14;
    const theme = context.theme();
    const canvas = canvasOf(figure, found, store.state.supposed, theme);
    if (!canvas) return;
    const triangle = (position: number, up: boolean) => {
      const [at, tip] = [x(position + 0.5), middle + (up ? -1 : 1) * reach];
      canvas.beginPath();
      canvas.moveTo(at, tip);
      canvas.lineTo(at - 4, tip + (up ? 8 : -8));
      canvas.lineTo(at + 4, tip + (up ? 8 : -8));
      canvas.fill();
      canvas.fillRect(at - 0.75, Math.min(middle, tip), 1.5, reach);
    };
    canvas.fillStyle = theme.blue;
    const shown = (of: Candidate[]) => onePerPixel(ascending(of), ({ position }) => x(position));
    for (const { position } of shown(savedInstead)) triangle(position, true);
    canvas.fillStyle = theme.orange;
    for (const { position } of shown(evictedInstead)) triangle(position, false);
    rule(layer(figure, "axis"), [
      { x1: margin.left, x2: figure.width - margin.right, y1: middle, y2: middle, kind: "line" },
    ]);
    const right = figure.width - margin.right;
    write(layer(figure, "words"), [
      { x: margin.left, y: 14, text: `▲ ${savedInstead.length} retained instead`, kind: "blue" },
      {
        x: margin.left,
        y: figure.height - margin.bottom + 12,
        text: `▼ ${evictedInstead.length} evicted instead`,
        kind: "mark-quiet",
      },
      { x: right, y: figure.height - 8, text: "position in the text", anchor: "end" },
    ]);
  }

  figure.root.addEventListener("click", (event) => {
    const found = decisionNow();
    if (!found) return;
    const { savedInstead, evictedInstead } = flipsNow(found);
    const wanted = x.invert(event.offsetX);
    const near = [...savedInstead, ...evictedInstead].sort(
      (a, b) => Math.abs(a.position - wanted) - Math.abs(b.position - wanted),
    )[0];
    if (near) {
      const { supposed } = store.state;
      select(store, near.position);
      store.update({ supposed });
    }
  });

  return {
    root,
    needs: ["run", "version", "tokens", "selected", "layer", "head", "supposed", "theme"],
    waitsForRest: true,
    draw,
    subtitle() {
      const asked = explained(store);
      return asked
        ? `first order: logged scores ranked anew, later compactions not re-run · ${explainedName(asked)}`
        : "";
    },
    table() {
      const found = decisionNow();
      const { savedInstead, evictedInstead } = found
        ? flipsNow(found)
        : { savedInstead: [], evictedInstead: [] };
      const { texts } = store.state.run;
      const row = (verdict: string) => (candidate: (typeof savedInstead)[number]) => [
        candidate.position,
        texts[candidate.position] ?? "",
        verdict,
        candidate.score,
      ];
      return {
        columns: ["position", "token", "instead", "score"],
        rows: [...savedInstead.map(row("retained")), ...evictedInstead.map(row("evicted"))],
      };
    },
  };
}

const ascending = (candidates: Candidate[]): Candidate[] =>
  candidates.toSorted((a, b) => a.position - b.position);

function emptyWords({ store, data }: Context): string | Instead {
  const asked = explained(store);
  if (!asked) return "No compaction yet at this moment.";
  if (store.state.run.compactions[asked.compaction].policy !== "rkv")
    return "Only R-KV's scores have the parts that can be weighed anew.";
  return scoresAbsent(decisionAbsence(store.state, data, asked));
}

function sliderOf(context: Context, question: Question) {
  const { store } = context;
  const { name, label, largest, step, logged } = question;
  const value = element("output", {});
  const input = element("input", { type: "range", min: 0, step, "aria-label": label });
  const change = (supposed: number | undefined) =>
    store.update({ supposed: { ...store.state.supposed, [name]: supposed } });
  input.addEventListener("input", () => change(input.valueAsNumber));
  const reset = element("button", { class: "link", onclick: () => change(undefined) }, "as logged");
  return {
    root: element("label", { class: "slider" }, element("span", {}, label), input, value, reset),
    show(decision: Decision | undefined, enabled: boolean) {
      input.disabled = !enabled || !decision;
      input.max = String(largest(decision));
      const now = store.state.supposed[name] ?? logged(context, decision);
      input.value = String(now);
      setText(value, String(now));
      reset.style.visibility = store.state.supposed[name] === undefined ? "hidden" : "visible";
    },
  };
}
