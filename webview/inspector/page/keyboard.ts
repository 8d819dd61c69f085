import { neighbourCompaction } from "../model/moment";
import {
  extendTo,
  momentOf,
  scrub,
  select,
  visibleRange,
  zoomAround,
  type Store,
} from "../state/state";

/** What the keys do, as the help shows it. */
export const keyHelp: [keys: string, effect: string][] = [
  ["← →", "token before, after; with Shift, select several"],
  ["C", "copy the numbers of the selected tokens"],
  ["↑ ↓", "layer above, below; step in the text and in Survival"],
  ["H", "next KV head"],
  ["[ ]", "compaction before, after"],
  ["Home End", "beginning, end; at its end a run that is written is followed"],
  ["Space", "play the compactions, pause"],
  ["+ − 0", "zoom in, out, all"],
  ["/", "find in the text"],
  ["Esc", "no selection"],
  ["?", "these keys"],
];

export interface KeyActions {
  /** Goes where an arrow key leads in the view that has the focus; false where nowhere. */
  follow: (view: string | undefined, key: string) => boolean;
  play: () => void;
  help: () => void;
  find: () => void;
  copy: () => void;
}

const elsewhere = "input, select, vscode-text-field, dialog, [popover], [role=tablist]";
const pressing = "button, summary, vscode-button";

/** Gives a key to the view that has the focus, and what it does not take to all. */
export function keysOf(store: Store, actions: KeyActions): (event: KeyboardEvent) => void {
  return (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest(elsewhere)) return;
    if (event.key === " " && target.closest(pressing)) return;
    const view = target.closest<HTMLElement>("[data-view]")?.dataset.view;
    const isTaken = !event.shiftKey && actions.follow(view, event.key);
    const action = isTaken ? undefined : keyActions(store, event.shiftKey, actions)[event.key];
    action?.();
    if (isTaken || action) event.preventDefault();
  };
}

function keyActions(
  store: Store,
  extend: boolean,
  actions: KeyActions,
): Record<string, (() => void) | undefined> {
  const { run, layer, head } = store.state;
  const { layers, kvHeads } = run.header;
  const step = (direction: 1 | -1) => () =>
    scrub(store, neighbourCompaction(run, momentOf(store.state), direction));
  const toLayer = (next: number) => () =>
    store.update({ layer: Math.max(0, Math.min(layers - 1, next)), supposed: {} });
  const { selected, extent = selected } = store.state;
  const move = (step: 1 | -1) => () => {
    if (selected === undefined) select(store, step === 1 ? 0 : run.tokens - 1);
    else if (extend) extendTo(store, (extent ?? selected) + step);
    else select(store, selected + step);
  };
  const zoom = (factor: number) => () => {
    const [from, to] = visibleRange(store.state);
    zoomAround(store, selected ?? (from + to) / 2, factor);
  };
  return {
    "[": step(-1),
    "]": step(1),
    PageUp: step(-1),
    PageDown: step(1),
    Home: () => scrub(store, 0),
    End: () => scrub(store, run.tokens),
    ArrowLeft: move(-1),
    ArrowRight: move(1),
    ArrowUp: toLayer(layer - 1),
    ArrowDown: toLayer(layer + 1),
    h: () => store.update({ head: (head + 1) % kvHeads, supposed: {} }),
    "+": zoom(2),
    "=": zoom(2),
    "-": zoom(0.5),
    "0": () => store.update({ zoom: undefined }),
    Escape: () => select(store, undefined),
    c: actions.copy,
    " ": actions.play,
    "/": actions.find,
    "?": actions.help,
  };
}
