/** What stands over and beside the cells of the retention map: steps, frames, selection, layers. */
import type { ScaleLinear } from "d3";
import { frame, layer, onePerPixel, rule, write, type Box, type Figure } from "../figure";
import { fitting, textWidth } from "../scene/labels";
import { quoted } from "../model/numbers";
import { linesOf } from "../model/retention";
import type { Step } from "../model/run";
import { selectedRange, type Store } from "../state/state";
import { stepLabels } from "../scene/stepLabels";

type Scale = ScaleLinear<number, number>;

export function drawMapMarks(figure: Figure, store: Store, x: Scale, y: Scale): void {
  drawSteps(figure, store.state.run.steps, x, y.range()[0]);
  drawLines(figure, store, x, y);
  drawFrames(figure, store, x, y);
  drawSelection(figure, store, x, y);
  drawFoot(figure, store, x, y.range()[1]);
}

function drawSteps(figure: Figure, steps: readonly Step[], x: Scale, top: number): void {
  const [left, right] = x.range();
  const inside = steps.flatMap((step, index) =>
    x(step.to) > left && x(step.from) < right ? [{ ...step, index }] : [],
  );
  rule(
    layer(figure, "step-ticks"),
    onePerPixel(
      inside.filter(({ from }) => x(from) >= left),
      ({ from }) => x(from),
    ).map(({ from }) => ({ x1: x(from), x2: x(from), y1: top - 7, y2: top - 2, kind: "line" })),
  );
  const placed = inside.map(({ from, to, kind, index }) => {
    return { index, kind, left: Math.max(left, x(from)), right: Math.min(right, x(to)) };
  });
  write(
    layer(figure, "step-names"),
    stepLabels(placed, right).map(({ text, at }) => {
      return { x: at, y: top - 11, text, anchor: "middle" };
    }),
  );
}

/** Names of the layers, as many as have room, and which of them the score views explain. */
function drawLines(figure: Figure, { state }: Store, x: Scale, y: Scale): void {
  const { run, byHead } = state;
  const perLayer = linesOf(run, byHead) / run.header.layers;
  const every = Math.max(1, Math.ceil(13 / (y(perLayer) - y(0))));
  const named = Array.from({ length: Math.ceil(run.header.layers / every) }, (_, i) => i * every);
  const left = x.range()[0];
  write(
    layer(figure, "lines"),
    named.map((index) => ({
      x: left - 7,
      y: y((index + 0.5) * perLayer) + 4,
      text: `L${index}`,
      anchor: "end",
    })),
  );
  const perHead = perLayer / (byHead ? run.header.kvHeads : 1);
  const [top, bottom] = [0, 1].map((side) =>
    y(state.layer * perLayer + (byHead ? state.head + side : side) * perHead),
  );
  frame(layer(figure, "layer"), [
    { x: left - 3, y: top, width: 2, height: bottom - top, kind: "layer-mark" },
  ]);
}

/** Prompt, observation window, what was brushed, and what is not yet decoded. */
function drawFrames(figure: Figure, store: Store, x: Scale, y: Scale): void {
  const { run, tokens } = store.state;
  const [left, right] = x.range();
  const [top, bottom] = y.range();
  const clip = (value: number) => Math.max(left, Math.min(right, value));
  const over = (from: number, to: number, kind: string, border: number): Box[] =>
    clip(x(to)) > clip(x(from))
      ? [
          {
            x: clip(x(from)),
            y: top - border,
            width: clip(x(to)) - clip(x(from)),
            height: bottom - top + 2 * border,
            kind,
          },
        ]
      : [];
  const [from, to] = selectedRange(store.state) ?? [0, 0];
  frame(layer(figure, "frames"), [
    ...over(0, Math.min(run.promptTokens, tokens), "prompt-frame", 2),
    ...over(tokens - windowOf(store), tokens, "window-frame", 2),
    ...(to > from + 1 ? over(from, to, "brushed", 3) : []),
  ]);
  frame(layer(figure, "future"), over(tokens, x.domain()[1], "undecoded", 0));
}

function windowOf({ state: { run }, moment }: Store): number {
  return run.compactions[moment.compactions - 1]?.window ?? 0;
}

function drawSelection(figure: Figure, { state }: Store, x: Scale, y: Scale): void {
  const [left, right] = x.range();
  const [top, bottom] = y.range();
  const marks = [
    { position: state.hovered, kind: "muted", line: "hover-line" },
    { position: state.selected, kind: "mark", line: "hairline" },
  ].flatMap(({ position, ...kinds }) => {
    if (position === undefined) return [];
    const at = x(position + 0.5);
    return at >= left && at <= right ? [{ at, position, ...kinds }] : [];
  });
  rule(
    layer(figure, "hairlines"),
    marks.map(({ at, line }) => ({ x1: at, x2: at, y1: top - 4, y2: bottom + 5, kind: line })),
  );
  const labels = marks.toReversed().map(({ at, position, kind }) => {
    const text = `${quoted(state.run.texts[position] ?? "")} at ${position}`;
    return { text, at, width: textWidth(text, 12), kind };
  });
  write(
    layer(figure, "selection-name"),
    fitting(labels, right).map(({ at, text, kind }) => ({
      x: at,
      y: bottom + 16,
      text,
      anchor: "middle",
      kind,
    })),
  );
}

function drawFoot(figure: Figure, store: Store, x: Scale, bottom: number): void {
  const { tokens } = store.state;
  const [left, right] = x.range();
  const window = windowOf(store);
  const middle = (Math.max(left, x(tokens)) + right) / 2;
  const labels = [
    ...(window > 0
      ? [
          {
            text: `window of ${window}`,
            at: x(tokens - window / 2),
            width: 76,
            kind: "mark-quiet",
          },
        ]
      : []),
    ...(right - x(tokens) > 96
      ? [{ text: "not yet decoded", at: middle, width: 90, kind: "muted" }]
      : []),
  ].filter(({ at }) => at >= left && at <= right);
  write(
    layer(figure, "foot"),
    fitting(labels, right).map(({ text, at, kind }) => ({
      x: at,
      y: bottom + 30,
      text,
      anchor: "middle",
      kind,
    })),
  );
}
