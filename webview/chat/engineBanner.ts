/** Says in one sentence that the engine, the connection or a request failed, and what can be done. */
import type { ChatState } from "../../src/shared/chatState";
import { element, setHidden, setText } from "../common/dom";
import { icon } from "../common/icons";
import { button, iconButton } from "../common/toolkit";

export class Banner {
  readonly node: HTMLElement;
  private readonly message = element("span", { class: "bannerText" });

  /** With an action it stays until that is done; without one it can be closed. */
  constructor(action?: { label: string; onClick: () => void }) {
    const end = action
      ? button({ ...action, appearance: "secondary" })
      : iconButton({ label: "Close", icon: "close", onClick: () => this.show(undefined) });
    this.node = element(
      "div",
      { class: "banner", role: "alert" },
      icon("error"),
      this.message,
      end,
    );
    this.node.hidden = true;
  }

  show(message: string | undefined): void {
    setHidden(this.node, message === undefined);
    setText(this.message, message ?? "");
  }
}

/** Why the engine is gone, unless the last answer says so already. */
export function failureOf({ engine, conversation }: ChatState): string | undefined {
  const isSaid = conversation.turns.at(-1)?.answer.error !== undefined;
  return engine.kind === "failed" && !isSaid ? engine.message : undefined;
}
