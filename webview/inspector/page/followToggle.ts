import { element, setText } from "../../common/dom";
import { Action } from "./header";

export interface FollowActions {
  follow: (following: boolean) => void;
  another: () => void;
}

/** Whether the chat says what is shown here, and the way to an inspector beside this one. */
export class FollowToggle {
  readonly root: HTMLElement;
  follows = true;
  private readonly words = element("span", { class: "follows" });
  private readonly pin: Action;

  constructor({ follow, another }: FollowActions) {
    this.pin = new Action(() => follow(!this.follows));
    const open = new Action(another);
    open.show("add", "Open another", "Opens another inspector, which stays with this run");
    this.root = element("div", { class: "following" }, this.words, this.pin.root, open.root);
  }

  show(follows: boolean): void {
    this.follows = follows;
    setText(this.words, follows ? "Follows the chat" : "Pinned to this run");
    if (follows) this.pin.show("pin", "Pin", "Stays with this run; the next one opens elsewhere");
    else
      this.pin.show(
        "pinned",
        "Pin",
        "Follows the chat again: each new run, and what is clicked on",
      );
    this.pin.root.setAttribute("aria-pressed", String(!follows));
    this.words.classList.toggle("isPinned", !follows);
  }
}
