import type { InspectorAbilities } from "../../../src/shared/wire/inspectorApi";
import { element, setHidden, setText } from "../../common/dom";
import { bytes, count, percent, rate } from "../../../src/shared/units";
import { bytesAt } from "../model/moment";
import { quoted, share } from "../model/numbers";
import { rowsOfLine } from "../model/retention";
import { momentOf, type State, type Store } from "../state/state";
import { keyHelp } from "./keyboard";

export interface FooterActions {
  copy: () => void;
  reveal: (position: number) => void;
}

const pointed = "Point at a token, or click one; Shift-click selects several.";

/** What is pointed at or selected, in words; the legend; the figures beside the strip. */
export class Footer {
  readonly root: HTMLElement;
  readonly figures = element("dl", { class: "figures" });
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
    const title = "Copies the numbers of the selected tokens";
    const show = () => reveal(store.state.selected ?? 0);
    this.buttons = [
      element("button", { class: "link", title, onclick: copy }, "Copy numbers"),
      ...(abilities.reveal
        ? [element("button", { class: "link", onclick: show }, "Show in chat")]
        : []),
    ];
    const keys = element("button", { class: "link", onclick: () => this.toggleHelp() }, "? Keys");
    this.root = element(
      "footer",
      { class: "foot" },
      this.words,
      ...this.buttons,
      this.spoken,
      legend(),
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
    setText(this.words, position === undefined ? pointed : tokenWords(state, position));
    setText(this.spoken, selected === undefined ? "" : tokenWords(state, selected));
    for (const button of this.buttons) setHidden(button, selected === undefined);
    drawFigures(state, this.figures);
  }
}

function helpDialog(): HTMLDialogElement {
  const help = element("dialog", { class: "help", "aria-label": "Keys" });
  const rows = keyHelp.flatMap(([keys, effect]) => [
    element("dt", {}, keys),
    element("dd", {}, effect),
  ]);
  help.append(
    element("h2", {}, "Keys"),
    element("dl", {}, ...rows),
    element("button", { class: "tool", onclick: () => help.close() }, "Close"),
  );
  return help;
}

function legend(): HTMLElement {
  return element(
    "div",
    { class: "legend" },
    element("span", {}, "held by no head"),
    element("span", { class: "ramp" }),
    element("span", {}, "all heads"),
  );
}

function drawFigures(state: Readonly<State>, root: HTMLElement): void {
  const { run, tokens, compactions } = state;
  const { held, full } = bytesAt(run, momentOf(state));
  const figure = run.figures.findLast(({ position }) => position <= tokens);
  const rows: [string, string][] = [
    ["cache held", bytes(held)],
    ["full cache", bytes(full)],
    ["saved", full > 0 ? percent(1 - held / full) : "–"],
    ["tokens", count(tokens)],
    ["compactions", count(compactions)],
    ["speed", figure ? `${rate(figure.tokensPerSecond)} tok/s` : "–"],
  ];
  if (root.childElementCount !== rows.length)
    root.replaceChildren(
      ...rows.map(([name]) => element("div", {}, element("dt", {}, name), element("dd", {}))),
    );
  root.querySelectorAll("dd").forEach((cell, index) => setText(cell, rows[index][1]));
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
