import { neighbourCompaction } from "./model/moment";
import { scrub, select, visibleRange, zoomAround, type Store } from "./state";

/** What the keys do, as the help shows it. */
export const keyHelp: [keys: string, effect: string][] = [
  ["← →", "token before, after"],
  ["↑ ↓", "layer above, below; step in the text and the history"],
  ["H", "next KV head"],
  ["[ ]", "compaction before, after"],
  ["Home End", "beginning, newest moment"],
  ["Space", "play the compactions"],
  ["+ − 0", "zoom in, out, all"],
  ["/", "find in the text"],
  ["Esc", "no selection"],
  ["?", "these keys"],
];

export interface KeyActions {
  play: () => void;
  help: () => void;
  find: () => void;
}

/** Keys that mean the same everywhere; true where one was taken. */
export function onGlobalKey(store: Store, event: KeyboardEvent, actions: KeyActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const action = keyActions(store, actions)[event.key];
  action?.();
  return action !== undefined;
}

function keyActions(store: Store, actions: KeyActions): Record<string, (() => void) | undefined> {
  const { run, layer, head } = store.state;
  const { layers, kvHeads } = run.header;
  const step = (direction: 1 | -1) => () =>
    scrub(store, neighbourCompaction(run, store.moment, direction));
  const toLayer = (next: number) => () =>
    store.update({ layer: Math.max(0, Math.min(layers - 1, next)), supposed: {} });
  const at = store.state.selected ?? store.state.tokens;
  const zoom = (factor: number) => () => {
    const [from, to] = visibleRange(store.state);
    zoomAround(store, store.state.selected ?? (from + to) / 2, factor);
  };
  return {
    "[": step(-1),
    "]": step(1),
    PageUp: step(-1),
    PageDown: step(1),
    Home: () => scrub(store, 0),
    End: () => scrub(store, run.tokens),
    ArrowLeft: () => select(store, at - 1),
    ArrowRight: () => select(store, store.state.selected === undefined ? 0 : at + 1),
    ArrowUp: toLayer(layer - 1),
    ArrowDown: toLayer(layer + 1),
    h: () => store.update({ head: (head + 1) % kvHeads, supposed: {} }),
    "+": zoom(2),
    "=": zoom(2),
    "-": zoom(0.5),
    "0": () => store.update({ zoom: undefined }),
    Escape: () => select(store, undefined),
    " ": actions.play,
    "/": actions.find,
    "?": actions.help,
  };
}
