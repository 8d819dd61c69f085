import type { InspectorAbilities } from "../../../src/shared/wire/inspectorApi";
import { count } from "../../../src/shared/units";
import { element, setHidden, setText } from "../../common/dom";
import { stepAt } from "../model/moment";
import { quoted, share } from "../model/numbers";
import { rowsOfLine } from "../model/retention";
import { momentOf, type State, type Store } from "../state/state";
import { keyHelp } from "./keyboard";

export interface FooterActions {
  copy: () => void;
  reveal: (position: number) => void;
}

/** What is pointed at or selected, else the moment, in words; and what can be done with it. */
export class Footer {
  readonly root: HTMLElement;
  private readonly words = element("p", { class: "words" });
  private readonly spoken = element("p", { class: "spoken", role: "status" });
  private readonly help = helpDialog();
  /** What can be done with the selection. */
  private readonly buttons: HTMLElement[];

  constructor(
    private readonly store: Store,
    abilities: InspectorAbilities,
    { copy, reveal }: FooterActions,
  ) {
    const show = () => reveal(store.state.selected ?? 0);
    this.buttons = [
      button("Copy numbers", "Copies all numbers of the selected tokens (C)", copy),
      ...(abilities.reveal
        ? [button("Show in chat", "Shows the selected token in the chat", show)]
        : []),
    ];
    const keys = button("Keys", "What the keys do (?)", () => this.toggleHelp());
    keys.classList.add("foot-keys");
    this.root = element(
      "footer",
      { class: "foot" },
      this.words,
      ...this.buttons,
      this.spoken,
      keys,
      this.help,
    );
  }

  toggleHelp(): void {
    if (this.help.open) this.help.close();
    else this.help.showModal();
  }

  draw(): void {
    const { state } = this.store;
    const { hovered, selected } = state;
    const position = hovered ?? selected;
    setText(this.words, position === undefined ? momentWords(state) : tokenWords(state, position));
    setText(this.spoken, selected === undefined ? "" : tokenWords(state, selected));
    for (const button of this.buttons) setHidden(button, selected === undefined);
  }
}

function button(label: string, title: string, onclick: () => void): HTMLElement {
  return element("button", { class: "button", title, onclick }, label);
}

function helpDialog(): HTMLDialogElement {
  const help = element("dialog", { class: "keys", "aria-label": "Keys" });
  const rows = keyHelp.flatMap(([keys, effect]) => [
    element("dt", {}, keys),
    element("dd", {}, effect),
  ]);
  const close = button("Close", "Closes this (Esc)", () => help.close());
  help.append(element("h2", {}, "Keys"), element("dl", {}, ...rows), close);
  return help;
}

/** “step 31 of 45 · compaction 13 of 60 · token 1,204 of 2,035” */
function momentWords({ run, tokens, compactions }: Readonly<State>): string {
  const { steps } = run;
  const step = stepAt(steps, tokens - 1);
  const parts = [
    ...(steps.length > 1 ? [`step ${Math.max(0, step)} of ${steps.length - 1}`] : []),
    `compaction ${count(compactions)} of ${count(run.compactions.length)}`,
    `token ${count(tokens)} of ${count(run.tokens)}`,
  ];
  return parts.join(" · ");
}

/** What is known of a token at the moment, in one line for the eye and the screen reader. */
function tokenWords(state: Readonly<State>, position: number): string {
  const { run, layer } = state;
  const moment = momentOf(state);
  const text = quoted(run.texts[position] ?? "");
  if (position >= moment.tokens) return `${text} at ${position}, not yet decoded`;
  const { evictions, header } = run;
  const inLayer = evictions.heldBy(position, moment.compactions, ...rowsOfLine(run, layer, false));
  const all = evictions.heldBy(position, moment.compactions) / evictions.rowCount;
  return `${text} at ${position}: held by ${inLayer} of ${header.kvHeads} heads of layer ${layer}, ${share(all)} of all heads`;
}
