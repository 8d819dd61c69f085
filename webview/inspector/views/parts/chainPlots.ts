/** The chains of a run against the prompt, their lengths, and what the majority holds more of. */
import { max, min } from "d3";
import { count, percent } from "../../../../src/shared/units";
import {
  clearlyKept,
  heldBySides,
  keptMore,
  type Chain,
  type Chains,
  type HeldBySides,
} from "../../model/chains";
import { cut, quoted } from "../../model/numbers";
import { columnSpan } from "../../model/retention";
import { onePerPixel } from "../../scene/pixels";
import type { Bar, Cells, Layer, Mark, Plot, Size, Target, Word, Words } from "../../scene/scene";
import type { State } from "../../state/state";
import { chosenTokens, named } from "./positions";

/** Height of a chain, in pixels, that is enough. */
const tallest = 40;

/** “Chain 5: 24 (other)” */
function chainName({ vote }: Chains, { chain, answer }: Chain): string {
  if (answer === undefined) return `Chain ${chain + 1}: no answer`;
  return `Chain ${chain + 1}: ${cut(answer, 12)}${vote?.chains.includes(chain) ? "" : " (other)"}`;
}

/** Chains against the tokens of the prompt: the share of all heads that hold each at the end. */
export function promptPlot(state: Readonly<State>, chains: Chains, size: Size): Plot {
  const { all, promptTokens } = chains;
  const name = (index: number): string => chainName(chains, all[index]);
  const title = "prompt at the end";
  return {
    x: { domain: [0, promptTokens] },
    y: { domain: [0, all.length], labels: { count: all.length, name }, most: tallest },
    cells: [cellsOf(chains, size)],
    layers: [shownChain(state), chosenInPrompt(state, chains)],
    above: [{ name: "title", words: [{ at: "start", text: title }] }],
    at: (x, y) => targetAt(chains, x, y),
  };
}

/** Every token of the prompt, or the mean of several where they are more than pixels. */
function cellsOf({ all, promptTokens, held }: Chains, { width }: Size): Cells {
  const columns = Math.max(1, Math.min(promptTokens, Math.round(width)));
  const grid = { from: 0, to: promptTokens, columns, byHead: false };
  const values = new Float32Array(all.length * columns);
  for (let column = 0; column < columns; column++) {
    const [from, to] = columnSpan(grid, column);
    for (let line = 0; line < all.length; line++) {
      const tokens = held.subarray(line * promptTokens + from, line * promptTokens + to);
      values[line * columns + column] = tokens.reduce((sum, one) => sum + one, 0) / (to - from);
    }
  }
  return { columns, values, scale: { scale: "heldAtEnd" }, parted: { y: 1 } };
}

function targetAt({ all, promptTokens }: Chains, x: number, y: number): Target | undefined {
  const [position, chain] = [Math.floor(x), all[Math.floor(y)]?.chain];
  if (chain === undefined) return undefined;
  return position >= 0 && position < promptTokens ? { position, chain } : { chain };
}

function shownChain({ run }: Readonly<State>): Layer {
  const frame: Mark = { mark: "box", y: [run.chain, run.chain + 1], look: "selected-frame" };
  return { name: "shown", marks: [frame] };
}

function chosenInPrompt(state: Readonly<State>, { promptTokens }: Chains): Layer {
  const isIn = (position: number | undefined) => position !== undefined && position < promptTokens;
  return chosenTokens({
    ...state,
    selected: isIn(state.selected) ? state.selected : undefined,
    hovered: isIn(state.hovered) ? state.hovered : undefined,
  });
}

/** Length of each chain's reply. */
export function lengthPlot({ all }: Chains): Plot {
  const most = max(all, ({ tokens }) => tokens) ?? 0;
  const bars = all.map(({ tokens }, line): Bar => {
    return { x: [0, tokens], y: [line, line + 1], fill: "chainLength" };
  });
  return {
    place: { column: 1, row: 0 },
    x: { domain: [0, most || 1] },
    y: { domain: [0, all.length] },
    bars: [{ along: "y", bars }],
    above: [`≤ ${count(most)}`, "tokens"].map((text) => {
      return { name: "title", words: [{ at: "start", text }] };
    }),
    at: (_, y) => ({ chain: all[Math.floor(y)]?.chain }),
  };
}

/** Along the prompt: by how much the majority holds a token more than the others, or less. */
export function differencePlot(state: Readonly<State>, chains: Chains, size: Size): Plot {
  const { promptTokens } = chains;
  const differences = heldBySides(chains);
  const most = Math.max(0, max(differences, keptMore) ?? 0);
  const least = Math.min(0, min(differences, keptMore) ?? 0);
  const perToken = size.width / Math.max(1, promptTokens);
  const shown = onePerPixel(differences, ({ position }) => position * perToken);
  const bars = shown.map((token): Bar => {
    const more = keptMore(token) || 0;
    const x: Bar["x"] = [token.position, token.position + 1];
    return { x, y: [0, more], fill: more > 0 ? "keptMore" : "keptLess" };
  });
  const values = [
    { at: most, text: `+${percent(most)}` },
    { at: least, text: `−${percent(-least)}` },
    { at: 0, text: "0" },
  ];
  const title = "majority − others";
  return {
    place: { column: 0, row: 1 },
    least: 30,
    x: { domain: [0, promptTokens] },
    y: { domain: most > least ? [most, least] : [1, 0], labels: { values } },
    bars: [{ along: "x", bars }],
    layers: [chosenInPrompt(state, chains)],
    above: [
      { name: "kept-more", words: clearlyKept(chains).map((token) => wordOf(state, token)) },
      { name: "title", words: [{ at: "start", text: title }] },
    ],
    below: [foot(state, chains)],
    at: (x) => (x < promptTokens ? { position: Math.floor(x) } : undefined),
  };
}

function wordOf({ run }: Readonly<State>, { position }: HeldBySides): Word {
  return { at: position + 0.5, text: quoted(run.texts[position] ?? ""), look: "blue" };
}

/** The token that is selected or pointed at, where it is one of the prompt. */
function foot({ run, selected, hovered }: Readonly<State>, { promptTokens }: Chains): Words {
  const words = [selected, hovered].flatMap((position, index) =>
    position === undefined || position >= promptTokens
      ? []
      : [
          {
            at: position + 0.5,
            text: named(run, position),
            look: index ? "muted" : "mark",
          } as const,
        ],
  );
  return { name: "selection-name", words };
}
