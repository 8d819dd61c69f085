import { element, setHidden } from "../../common/dom";

export interface FollowActions {
  /** Settles when the host has taken note. */
  follow: (following: boolean) => void;
  another: () => void;
}

/** Whether the chat says what is shown here, and the way to an inspector beside this one. */
export class FollowToggle {
  readonly root: HTMLElement;
  private readonly words = element("span", { class: "follows" }, "Follows the chat");
  private readonly pin: HTMLElement;
  follows = true;

  constructor({ follow, another }: FollowActions) {
    this.pin = element("button", { class: "tool", onclick: () => follow(!this.follows) });
    const title = "Opens another inspector, which stays with this run";
    const open = element("button", { class: "tool", title, onclick: another }, "Open another");
    this.root = element("div", { class: "following" }, this.words, this.pin, open);
  }

  show(follows: boolean): void {
    const { pin, words } = this;
    this.follows = follows;
    setHidden(words, !follows);
    pin.textContent = follows ? "Pin" : "Pinned";
    pin.setAttribute("aria-pressed", String(!follows));
    pin.title = follows
      ? "Shows each new run of the chat, and the answer that you click on there. Pin: stay with this run."
      : "Stays with this run; the next one opens in another inspector. Unpin: follow the chat again.";
  }
}
