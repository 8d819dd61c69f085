/** What stands over, beside and below the cells of the retention map. */
import { linesOf } from "../../model/retention";
import type { Layer, Mark, Span, Word, Words } from "../../scene/scene";
import { selectedRange, visibleRange, type State } from "../../state/state";
import { chosenTokens, named } from "./positions";

export function mapLayers(state: Readonly<State>): Layer[] {
  return [
    { name: "layer", marks: [explainedLayer(state)] },
    { name: "frames", marks: frames(state) },
    { name: "future", marks: [{ mark: "box", x: future(state), look: "undecoded" }] },
    chosenTokens(state),
  ];
}

/** Which layer, or head, the score views explain. */
function explainedLayer({ run, byHead, layer, head }: Readonly<State>): Mark {
  const perLayer = linesOf(run, byHead) / run.header.layers;
  const perHead = byHead ? perLayer / run.header.kvHeads : perLayer;
  const from = layer * perLayer + (byHead ? head * perHead : 0);
  return { mark: "edge", side: "left", span: [from, from + perHead], look: "layer-mark" };
}

/** Prompt, observation window, and what was brushed. */
function frames(state: Readonly<State>): Mark[] {
  const { run, tokens } = state;
  const [from, to] = selectedRange(state) ?? [0, 0];
  const marks: Mark[] = [
    { mark: "box", x: [0, Math.min(run.promptTokens, tokens)], look: "prompt-frame" },
    { mark: "box", x: [tokens - windowOf(state), tokens], look: "window-frame" },
  ];
  return to > from + 1 ? [...marks, { mark: "box", x: [from, to], look: "brushed" }] : marks;
}

/** What is not yet decoded at the moment. */
function future(state: Readonly<State>): Span {
  const [from, to] = visibleRange(state);
  return [Math.max(from, state.tokens), to];
}

export function windowOf({ run, compactions }: Readonly<State>): number {
  return run.compactions[compactions - 1]?.observationWindow ?? 0;
}

/** The tokens that are selected and pointed at; the window, and what is not yet decoded. */
export function footWords(state: Readonly<State>): Words[] {
  const { run, selected, hovered, tokens } = state;
  const window = windowOf(state);
  const [from, to] = future(state);
  const foot: Word[] = [];
  if (selected !== undefined)
    foot.push({ at: selected + 0.5, text: named(run, selected), look: "mark" });
  if (hovered !== undefined)
    foot.push({ at: hovered + 0.5, text: named(run, hovered), look: "muted" });
  foot.push({ at: (from + to) / 2, text: "not yet decoded", within: [from, to] });
  if (window > 0)
    foot.push({ at: tokens - window / 2, text: `window of ${window}`, look: "mark-quiet" });
  return [{ name: "foot", words: foot }];
}
