/** Says in a sentence that the engine, the connection, a request or a file failed, and what can be done. */
import type { ChatState } from "../../../src/shared/chat/chatState";
import { element, setHidden, setText } from "../../common/dom";
import { icon } from "../../common/icons";
import { button, iconButton } from "../../common/toolkit";

export class Banner {
  readonly node: HTMLElement;
  private readonly message = element("span", { class: "bannerText" });

  /** With an action it stays until that is done; without one it can be closed. */
  constructor(action?: { label: string; onClick: () => void }, onClose?: () => void) {
    const close = onClose ?? (() => this.show(undefined));
    const end = action
      ? button({ ...action, appearance: "secondary" })
      : iconButton({ label: "Close", icon: "close", onClick: close });
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

const mostNotices = 3;

/** What happened to stored files; the host's log has all of it. */
export function noticeOf({ notices }: ChatState): string | undefined {
  const more = notices.length - mostNotices;
  const shown = notices.slice(0, mostNotices);
  if (more > 0) shown.push(`So it is with ${more} more; the log names them.`);
  return shown.join("\n") || undefined;
}

/** Why the engine is gone, unless the last answer says so already. */
export function failureOf({ engine, conversation }: ChatState): string | undefined {
  const isSaid = conversation.turns.at(-1)?.answer.error !== undefined;
  return engine.kind === "failed" && !isSaid ? engine.message : undefined;
}
