/** The whole run: cache held under the full cache it would have been, steps, and the moment. */
import { bytes, counted, percent } from "../../../src/shared/units";
import { bytesAt, momentAt } from "../model/moment";
import { sawTooth } from "../model/sawTooth";
import type { Run } from "../model/run";
import { onePerPixel } from "../scene/pixels";
import type { Layer, Mark, Point, Scene, Size, Values, Words } from "../scene/scene";
import type { Data } from "../state/data";
import { explained } from "../state/explained";
import { visibleRange, type State } from "../state/state";
import { noTokens, nothingToShow } from "./parts/absent";

export function strip(state: Readonly<State>, data: Data, size: Size): Scene {
  const { run, tokens } = state;
  const table = () => ({
    columns: ["tokens", "bytes held", "bytes of a full cache"],
    rows: sawTooth(run, run.tokens).map((corner) => [
      corner.tokens,
      corner.held,
      corner.tokens * run.header.bytesPerToken,
    ]),
  });
  if (run.tokens === 0) return nothingToShow(noTokens, table);
  const { full, layers, labels, steps } = data.derive("run", () => wholeRun(state.run, size));
  const { sentence, saved } = savedWords(run, tokens);
  return {
    sentence,
    plots: [
      {
        x: { domain: [0, run.tokens] },
        y: { domain: [full, 0], labels },
        layers: [
          ...layers,
          { name: "past", marks: past(run, tokens, size) },
          { name: "zoom", marks: zoom(state) },
          { name: "aside", marks: aside(state) },
          { name: "moment", marks: [{ mark: "rule", x: tokens, look: "moment" }] },
        ],
        above: [steps, saved],
        at: (x) => ({ moment: x }),
      },
    ],
    table,
  };
}

/** What a full cache would hold more, at the moment: said where the moment is. */
function savedWords(run: Run, tokens: number): { sentence: string; saved: Words } {
  const { held, full } = bytesAt(run, momentAt(run, tokens));
  const share = percent(full > 0 ? 1 - held / full : 0);
  const said = `${bytes(held)} of ${bytes(full)}: ${share} saved`;
  return {
    sentence: `After ${counted(tokens, "token")} the cache holds ${said}.`,
    saved: { name: "saved", words: [{ at: tokens, text: said, look: "strong" }] },
  };
}

/** The compaction that is looked at, where it is not the last one before the moment. */
function aside(state: Readonly<State>): Mark[] {
  const shown = explained(state)?.compaction;
  if (shown === undefined || shown === state.compactions - 1) return [];
  return [{ mark: "rule", x: state.run.compactions[shown].position, look: "aside" }];
}

/** What stays while the moment moves: all of it, pale. */
function wholeRun(run: Run, size: Size) {
  const full = Math.max(1, bytesAt(run, momentAt(run, run.tokens)).full);
  const bands = run.steps.filter((_, index) => index % 2 === 0);
  const perToken = size.width / Math.max(1, run.tokens);
  const shown = onePerPixel(bands, ({ from }) => from * perToken);
  const compactions = run.compactions.map(({ position }) => position);
  const layers: Layer[] = [
    {
      name: "bands",
      marks: shown.map(({ from, to }) => ({ mark: "box", x: [from, to], look: "band" })),
    },
    { name: "future", marks: areas(run, run.tokens, size, ["full-future", "held-future"]) },
    { name: "ticks", marks: [{ mark: "ticks", x: compactions, look: "tick" }] },
  ];
  return { full, layers, labels: labels(run, full), steps: { name: "names", steps: run.steps } };
}

function past(run: Run, tokens: number, size: Size): Mark[] {
  const edge: Mark = { mark: "curve", points: held(run, tokens, size), look: "held-edge" };
  return [...areas(run, tokens, size, ["full", "held"]), edge];
}

type Looks = ["full" | "full-future", "held" | "held-future"];

function areas(run: Run, tokens: number, size: Size, [full, below]: Looks): Mark[] {
  const slope: Point[] = [
    [0, 0],
    [tokens, tokens * run.header.bytesPerToken],
  ];
  return [
    { mark: "area", points: slope, look: full },
    { mark: "area", points: held(run, tokens, size), look: below },
  ];
}

function held(run: Run, tokens: number, { width }: Size): Point[] {
  const perToken = width / Math.max(1, run.tokens);
  const shown = onePerPixel(run.compactions, ({ position }) => position * perToken);
  return sawTooth(run, tokens, shown).map((corner): Point => [corner.tokens, corner.held]);
}

function zoom(state: Readonly<State>): Mark[] {
  if (state.zoom === undefined) return [];
  return [{ mark: "edge", side: "below", span: visibleRange(state), look: "zoomed" }];
}

function labels({ compactions }: Run, full: number): Values {
  const last = compactions.at(-1)?.bytesAfter;
  const held = last === undefined ? [] : [{ at: last, text: bytes(last), look: "blue" as const }];
  return { values: [{ at: full, text: bytes(full) }, ...held, { at: 0, text: "0" }] };
}
