import type { Data } from "../state/data";
import type { State } from "../state/state";
import type { Scene, Size } from "./scene";

/**
 * A picture of the state and of what a trace holds, for the room that its main plot has. Asks for
 * nothing else; what it read tells when it is to be drawn anew.
 */
export type View = (state: Readonly<State>, data: Data, size: Size) => Scene;

export interface ViewRow {
  title: string;
  /** What it shows and what the arrow keys do in it, for screen readers. */
  label: string;
  view: View;
}
