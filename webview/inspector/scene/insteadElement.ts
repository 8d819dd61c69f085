import { element, setHidden, setText } from "../../common/dom";
import type { Instead } from "./scene";

/** What the page can do at a click in an empty view; what it cannot do is not offered. */
export type Acts = Partial<Record<NonNullable<Instead["act"]>["does"], () => void>>;

/** What is said in the place of something that is not there, with the button that does it. */
export class InsteadElement {
  readonly root: HTMLElement;
  private readonly words = element("p");
  private readonly button = element("button", { class: "button primary", hidden: true });

  constructor(private readonly acts: Acts) {
    this.root = element("div", { class: "instead", hidden: true }, this.words, this.button);
  }

  show(instead: Instead | undefined): void {
    setHidden(this.root, instead === undefined);
    setText(this.words, instead?.text ?? "");
    const { act, retry } = instead ?? {};
    const does = retry ?? (act && this.acts[act.does]);
    setHidden(this.button, does === undefined);
    setText(this.button, retry ? "Try again" : (act?.words ?? ""));
    this.button.onclick = does ?? null;
  }
}
