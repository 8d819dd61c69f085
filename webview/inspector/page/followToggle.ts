import { element, setHidden } from "../../common/dom";
import { Action } from "./header";

export interface FollowActions {
  follow: (following: boolean) => void;
  another: () => void;
}

const pinned =
  "Stays with this run; the next one opens in another inspector. Click: follow the chat again";
const free =
  "Shows each new run of the chat, and the answer that is clicked on there. Click: stay with this run";

/** Whether the chat says what is shown here, and the way to an inspector beside this one. */
export class FollowToggle {
  readonly root: HTMLElement;
  follows = true;
  private readonly words = element("span", { class: "follows" }, "Follows the chat");
  private readonly pin: Action;

  constructor({ follow, another }: FollowActions) {
    this.pin = new Action(() => follow(!this.follows));
    const open = new Action(another);
    open.show("add", "Open another", "Opens another inspector, which stays with this run");
    this.root = element("div", { class: "following" }, this.words, this.pin.root, open.root);
  }

  show(follows: boolean): void {
    this.follows = follows;
    setHidden(this.words, !follows);
    if (follows) this.pin.show("pin", "Pin", free);
    else this.pin.show("pinned", "Pinned", pinned);
    this.pin.root.setAttribute("aria-pressed", String(!follows));
  }
}
