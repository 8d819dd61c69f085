/** All conversations of this workspace, newest first: search, open, rename, delete. */
import type { SearchHit } from "../../../src/shared/chat/chatApi";
import type { ChatState, ConversationSummary } from "../../../src/shared/chat/chatState";
import { reasonOf } from "../../../src/shared/reasonOf";
import { element, setHidden } from "../../common/dom";
import { counted } from "../../../src/shared/units";
import { button, iconButton, textField } from "../../common/toolkit";
import type { Actions } from "./actions";

type Entry = ConversationSummary & Partial<Pick<SearchHit, "excerpt">>;

export class ConversationList {
  readonly node = element("section", { class: "conversations", "aria-label": "Conversations" });
  private readonly search: HTMLElement & { value?: string };
  private readonly list = element("ul", { class: "conversationEntries" });
  private readonly nothing = element("p", { class: "nothing" }, "No conversation has these words.");
  private conversations: ConversationSummary[] = [];
  private current = "";
  private query = "";
  /** A line asks something; drawing the list anew would take the question away. */
  private isAsking = false;

  constructor(
    private readonly actions: Actions,
    private readonly close: () => void,
  ) {
    this.search = textField({
      label: "Search conversations",
      placeholder: "Search conversations",
      icon: "search",
      onInput: (query) => void this.find(query),
    });
    const tools = element(
      "div",
      { class: "conversationsHead" },
      this.search,
      iconButton({ label: "Back to the conversation", icon: "close", onClick: close }),
    );
    this.node.append(tools, this.list, this.nothing);
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  toggle(isOpen: boolean): void {
    setHidden(this.node, !isOpen);
    if (!isOpen) return;
    this.search.value = "";
    this.query = "";
    this.isAsking = false;
    this.draw(this.conversations);
    this.search.focus();
  }

  update({ conversations, conversation }: ChatState): void {
    if (conversations === this.conversations && conversation.id === this.current) return;
    this.conversations = conversations;
    this.current = conversation.id;
    if (this.isOpen) void this.find(this.query);
  }

  private async find(query: string): Promise<void> {
    this.query = query;
    if (query.trim() === "") return this.draw(this.conversations);
    try {
      const hits = await this.actions.ask("search", { query });
      if (this.query === query) this.draw(hits);
    } catch (error) {
      this.actions.report(reasonOf(error));
    }
  }

  private draw(entries: Entry[]): void {
    if (this.isAsking) return;
    setHidden(this.nothing, entries.length > 0 || this.query === "");
    this.list.replaceChildren(...entries.map((entry) => this.entry(entry)));
  }

  private entry(entry: Entry): HTMLElement {
    const { id, title, updatedAt, turns, excerpt, isRunning } = entry;
    const isCurrent = id === this.current;
    const open = element(
      "button",
      { type: "button", class: "conversationOpen", onclick: () => this.open(id) },
      element("span", { class: "conversationTitle" }, title),
      element(
        "span",
        { class: "conversationAbout" },
        excerpt ??
          `${isRunning ? "Answering now" : dateOf(updatedAt)} · ${counted(turns, "question")}`,
      ),
    );
    if (isCurrent) open.setAttribute("aria-current", "true");
    const line = element("li", { class: isCurrent ? "isCurrent" : undefined }, open);
    line.append(
      iconButton({
        label: `Rename “${title}”`,
        icon: "edit",
        onClick: () => this.rename(line, entry),
      }),
      iconButton({
        label: `Delete “${title}”`,
        icon: "trash",
        onClick: () => this.confirm(line, entry),
      }),
    );
    return line;
  }

  private open(id: string): void {
    this.actions.act("openConversation", { id });
    this.close();
  }

  private rename(line: HTMLElement, { id, title }: Entry): void {
    const input = element("input", { class: "menuInput", "aria-label": "Title" });
    input.value = title;
    const leave = () => this.answered();
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key === "Escape") event.stopPropagation();
      if (event.key !== "Enter" || input.value.trim() === "") return;
      this.actions.act("renameConversation", { id, title: input.value.trim() });
      leave();
    });
    this.isAsking = true;
    line.replaceChildren(input);
    input.select();
  }

  private confirm(line: HTMLElement, { id, title }: Entry): void {
    const keep = button({
      label: "Keep",
      appearance: "secondary",
      onClick: () => this.answered(),
    });
    const remove = button({
      label: "Delete",
      onClick: () => {
        this.actions.act("deleteConversation", { id });
        this.answered();
      },
    });
    this.isAsking = true;
    line.replaceChildren(
      element("span", { class: "conversationTitle" }, `Delete “${title}” and its traces?`),
      keep,
      remove,
    );
    keep.focus();
  }

  private answered(): void {
    this.isAsking = false;
    void this.find(this.query);
  }
}

function dateOf(millis: number): string {
  return new Date(millis).toLocaleString(undefined, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}
