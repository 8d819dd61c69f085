/** The lines beside a picture: what lies behind the picked cell, each line a button that goes there. */
import { element, setText } from "../../common/dom";
import type { Store } from "../state/state";
import { choose } from "./hand";
import type { List, ListLine } from "./scene";

/** Lines that are put up at most; of the others it says how many there are. */
const mostLines = 100;

export class ListPane {
  readonly root: HTMLElement;
  private readonly heading = element("h3");
  private readonly lines = element("ol");
  private readonly rest = element("p");
  private buttons: HTMLButtonElement[] = [];
  private list: List | undefined;

  constructor(private readonly store: Store) {
    const attributes = { class: "lines", role: "region", hidden: true };
    this.root = element("div", attributes, this.heading, this.lines, this.rest);
    this.root.addEventListener("keydown", (event) => this.move(event));
    this.root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));
    this.root.addEventListener("focusout", () => store.update({ hovered: undefined }));
  }

  /** Keeps the buttons as long as they say the same, and with them the focus and the place. */
  show(list: List | undefined): void {
    const before = this.list;
    this.list = list;
    this.root.hidden = list === undefined;
    if (!list) return;
    if (!before || !saysTheSame(before, list)) this.putUp(list);
    this.buttons.forEach((button, index) => this.mark(button, list.lines[index]));
  }

  private putUp({ title, lines, more = 0 }: List): void {
    const shown = lines.slice(0, mostLines);
    const hidden = lines.length - shown.length + more;
    setText(this.heading, title);
    this.root.setAttribute("aria-label", title);
    setText(this.rest, hidden > 0 ? `and ${hidden} more` : "");
    this.buttons = shown.map((line, index) => this.buttonOf(line, index));
    this.lines.replaceChildren(...this.buttons.map((button) => element("li", {}, button)));
    this.root.scrollTop = 0;
  }

  private buttonOf({ words, detail }: ListLine, index: number): HTMLButtonElement {
    const target = () => this.list?.lines[index].target ?? {};
    const point = () => this.store.update({ hovered: target().pointed ?? target().position });
    const onclick = () => choose(this.store, target());
    const attributes = { onclick, onpointerenter: point, onfocus: point };
    const more = detail !== undefined && element("span", { class: "detail" }, ` ${detail}`);
    const button = element("button", attributes, words, more);
    button.tabIndex = index === 0 ? 0 : -1;
    return button;
  }

  private mark(button: HTMLElement, { target }: ListLine): void {
    const { selected, layer, head, pair } = this.store.state;
    const isThere =
      target.position === (target.pair ? undefined : selected) &&
      (target.layer ?? layer) === layer &&
      (target.head ?? head) === head &&
      String(target.pair ?? pair) === String(pair);
    button.setAttribute("aria-current", String(isThere));
  }

  /** The whole list is one stop of the Tab key; arrows go from line to line. */
  private move(event: KeyboardEvent): void {
    const last = this.buttons.length - 1;
    const at = this.buttons.indexOf(event.target as HTMLButtonElement);
    const places: Partial<Record<string, number>> = {
      ArrowUp: Math.max(0, at - 1),
      ArrowDown: Math.min(last, at + 1),
      Home: 0,
      End: last,
    };
    const to = places[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.buttons[at].tabIndex = -1;
    this.buttons[to].tabIndex = 0;
    this.buttons[to].focus();
  }
}

function saysTheSame(a: List, b: List): boolean {
  return (
    a.title === b.title &&
    a.more === b.more &&
    a.lines.length === b.lines.length &&
    a.lines.every(({ words, detail }, index) => {
      const other = b.lines[index];
      return words === other.words && detail === other.detail;
    })
  );
}
