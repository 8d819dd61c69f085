import { momentAt, type Moment } from "../model/moment";
import type { Run } from "../model/run";

/** What all views share: the moment, the selection, what the pointer is over, and the zoom. */
export interface State {
  run: Run;
  /** The chain that is asked for; the run is of that chain once it was opened. */
  chain: number;
  /** The run that is laid beside it. */
  other: Run | undefined;
  /** True while a run is still writing its trace. */
  live: boolean;
  /** Counts what the runs took in. */
  version: number;
  /** The scrubber: length of the text, in tokens. */
  tokens: number;
  /** Compactions up to that moment; follows from it. */
  compactions: number;
  /** How far the sweep is that shows what a compaction evicts, 0 to 1; 1 where there is none. */
  sweep: number;
  /** Stays at the newest moment while the run is written, or its trace is read. */
  following: boolean;
  /** The moment walks from compaction to compaction by itself, to the end. */
  playing: boolean;
  selected: number | undefined;
  /** The other end of a selection of several tokens. */
  extent: number | undefined;
  hovered: number | undefined;
  layer: number;
  head: number;
  /** Positions [from, to) on screen; undefined is all of them. */
  zoom: [number, number] | undefined;
  byHead: boolean;
  /** Of which heads the similarity of steps is the mean. */
  alikeBy: "head" | "layer" | "layers";
  /** Two steps that are compared, or two groups of steps next to each other. */
  pair: PairOfSteps | undefined;
  /** What was evicted is that of the chosen head, not of all. */
  oneHead: boolean;
  search: string;
  supposed: Supposed;
}

/** Steps [from, to), twice; the same ones for the similarity within them. */
export type PairOfSteps = readonly [
  readonly [from: number, to: number],
  readonly [from: number, to: number],
];

/** What the what-if asks; undefined is as logged. */
export interface Supposed {
  lambda?: number;
  retain?: number;
  threshold?: number;
}

type Listener = (changed: ReadonlySet<keyof State>) => void;

/** Holds the state and tells of its changes, once a frame. */
export class Store {
  private readonly listeners: Listener[] = [];
  private changed = new Set<keyof State>();

  constructor(
    private current: State,
    private readonly nextFrame: (callback: () => void) => void,
  ) {}

  get state(): Readonly<State> {
    return this.current;
  }

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  update(change: Partial<State>): void {
    const next = settled({ ...this.current, ...change }, this.current);
    const keys = (Object.keys(next) as (keyof State)[]).filter(
      (key) => next[key] !== this.current[key],
    );
    if (keys.length === 0) return;
    this.current = next;
    if (this.changed.size === 0) this.nextFrame(() => this.tell());
    for (const key of keys) this.changed.add(key);
  }

  private tell(): void {
    const changed = this.changed;
    this.changed = new Set();
    for (const listener of this.listeners) listener(changed);
  }
}

/** With what follows from the rest. */
function settled(state: State, before: State): State {
  const { compactions } = momentAt(state.run, state.tokens);
  const playing = state.playing && state.tokens < state.run.tokens;
  return { ...state, compactions, playing, zoom: zoomAt(state, before) };
}

/** Of what is zoomed in on, so much lies before a moment that was out of sight. */
const lead = 2 / 3;

/** A moment that moves stays in sight; else the zoom is the person's. */
function zoomAt({ tokens, zoom, run }: State, before: State): State["zoom"] {
  if (!zoom || tokens === before.tokens || zoom !== before.zoom) return zoom;
  const [from, to] = zoom;
  if (tokens >= from && tokens <= to) return zoom;
  const left = Math.min(tokens - lead * (to - from), run.tokens - (to - from));
  return [Math.max(0, left), Math.max(0, left) + to - from];
}

export const momentOf = ({ tokens, compactions }: Readonly<State>): Moment => {
  return { tokens, compactions };
};

export function initialState(run: Run, live: boolean): State {
  const state: State = {
    run,
    chain: run.chain,
    other: undefined,
    live,
    version: 0,
    tokens: run.tokens,
    compactions: 0,
    sweep: 1,
    following: true,
    playing: false,
    selected: undefined,
    extent: undefined,
    hovered: undefined,
    layer: 0,
    head: 0,
    zoom: undefined,
    byHead: false,
    alikeBy: "head",
    pair: undefined,
    oneHead: false,
    search: "",
    supposed: {},
  };
  return settled(state, state);
}

/** Moves the scrubber by hand: what walked by itself stays there. */
export function scrub(store: Store, tokens: number): void {
  store.update({ playing: false });
  moveTo(store, tokens);
}

/** Moves the moment; at the end of the text it follows a run that is being written. */
export function moveTo(store: Store, tokens: number): void {
  const { run, live } = store.state;
  const at = Math.max(0, Math.min(Math.round(tokens), run.tokens));
  store.update({ tokens: at, following: live && at === run.tokens });
}

/** Moves the selection, within the text as it is at the moment. */
export function select(store: Store, position: number | undefined): void {
  store.update({ selected: inText(store, position), extent: undefined, supposed: {} });
}

/** Selects all from the selected token to this one. */
export function extendTo(store: Store, position: number): void {
  if (store.state.selected === undefined) select(store, position);
  else store.update({ extent: inText(store, position) });
}

/** Positions [from, to) that are selected. */
export function selectedRange(state: Readonly<State>): [number, number] | undefined {
  const { selected, extent = selected } = state;
  if (selected === undefined || extent === undefined) return undefined;
  return [Math.min(selected, extent), Math.max(selected, extent) + 1];
}

function inText({ state: { run } }: Store, position: number | undefined): number | undefined {
  if (position === undefined || run.tokens === 0) return undefined;
  return Math.max(0, Math.min(position, run.tokens - 1));
}

/** Positions [from, to) that the map shows. */
export function visibleRange({ zoom, run }: Readonly<State>): [number, number] {
  return zoom ?? [0, Math.max(1, run.tokens)];
}

/** Zooms by a factor around a position; a range as wide as the text is no zoom. */
export function zoomAround(store: Store, position: number, factor: number): void {
  const [from, to] = visibleRange(store.state);
  const length = Math.max(1, store.state.run.tokens);
  const width = Math.max(Math.min(8, length), (to - from) / factor);
  const left = position - ((position - from) / (to - from)) * width;
  showRange(store, left, left + width);
}

export function showRange(store: Store, from: number, to: number): void {
  const length = Math.max(1, store.state.run.tokens);
  const width = Math.min(to - from, length);
  const left = Math.max(0, Math.min(from, length - width));
  store.update({ zoom: width >= length ? undefined : [left, left + width] });
}
