/** Over the conversation: its title, all conversations, a new one, and what can be done with this one. */
import type { ChatState } from "../../../src/shared/chat/chatState";
import { element, setText } from "../../common/dom";
import { iconButton } from "../../common/toolkit";
import type { Actions } from "./actions";
import { menuItem, openPopup } from "./popup";

export class Header {
  readonly node = element("header", { class: "header" });
  private readonly title = element("h1", { class: "headerTitle" });
  private readonly history: HTMLElement;
  private readonly more: HTMLElement;
  private conversation = "";

  constructor(
    private readonly actions: Actions,
    toggleList: () => void,
  ) {
    this.history = iconButton({ label: "Conversations", icon: "history", onClick: toggleList });
    this.more = iconButton({
      label: "Export",
      icon: "export",
      onClick: () => this.openExport(),
    });
    const create = iconButton({
      label: "New conversation",
      icon: "add",
      onClick: () => actions.act("newConversation", null),
    });
    this.node.append(this.title, create, this.history, this.more);
  }

  update({ conversation }: ChatState): void {
    this.conversation = conversation.id;
    setText(this.title, conversation.title || "New conversation");
    this.more.toggleAttribute("disabled", conversation.turns.length === 0);
  }

  private openExport(): void {
    const id = this.conversation;
    const save = (format: "markdown" | "json") => () =>
      this.actions.act("exportConversation", { id, format });
    openPopup(this.more, "Export", (popup) => [
      menuItem(popup, { label: "Export as Markdown…", onChoose: save("markdown") }),
      menuItem(popup, { label: "Export as JSON…", onChoose: save("json") }),
    ]);
  }
}
