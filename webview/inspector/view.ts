import type { State, Store } from "./state/state";
import type { Theme } from "./scene/theme";
import type { Table } from "./scene/table";
import type { TraceData } from "./state/traceData";

/** What every view is given. */
export interface Context {
  store: Store;
  /** Scores and keys, read from the trace when they are looked at. */
  data: TraceData;
  theme: () => Theme;
}

/** One of the inspector's pictures. Draws from the state alone; nothing else changes it. */
export interface View {
  /** What it is drawn on; sized by the page. */
  root: HTMLElement;
  /** Parts of the state that it shows. */
  needs: (keyof State)[];
  draw(): void;
  /** Reads scores or keys of each compaction: while the moment moves, it waits. */
  waitsForRest?: boolean;
  /** What is shown right now, beside the title. */
  subtitle(): string;
  /** The same numbers as in the picture. */
  table(): Table;
  /** True where it took the key. Arrow keys that no view takes move the selection. */
  onKey?(event: KeyboardEvent): boolean;
  /** Buttons of its own, in its title bar. */
  tools?: HTMLElement[];
}
