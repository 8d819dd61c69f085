/** Where a question is written; its draft is kept by the host, for every view of the conversation. */
import { type Attachment, type ChatState, isRunning } from "../../../src/shared/chat/chatState";
import { reasonOf } from "../../../src/shared/reasonOf";
import { element, setHidden } from "../../common/dom";
import { icon } from "../../common/icons";
import { iconButton } from "../../common/toolkit";
import type { Actions } from "../page/actions";
import { Chips } from "./chips";
import { isPlainEnter, TextBox } from "./textBox";

const draftMillis = 400;

export class Composer {
  readonly node = element("form", { class: "composer", "aria-label": "Ask" });
  private readonly box = new TextBox({ label: "Your question", placeholder: "Ask a question" });
  private readonly chips: Chips;
  private readonly attachments = element("ul", { class: "attachments", "aria-label": "Attached" });
  private readonly progress = element("div", { class: "progress", role: "presentation" });
  private readonly send = iconButton({ label: "Send", icon: "send", onClick: () => this.submit() });
  private readonly stop = iconButton({
    label: "Stop",
    icon: "stop",
    onClick: () => this.actions.act("stop", null),
  });
  private shownAttachments: Attachment[] = [];
  private conversation = "";
  /** Nothing is stored of a conversation without a question: its draft has no place to be kept. */
  private isUnasked = true;
  private isBusy = false;
  private draftTimer: number | undefined;

  constructor(
    private readonly actions: Actions,
    private readonly editLast: () => boolean,
    private readonly onSent: () => void,
  ) {
    this.chips = new Chips(actions);
    this.send.classList.add("send");
    this.stop.classList.add("stop");
    const bar = element("div", { class: "composerBar" }, this.chips.node, this.send, this.stop);
    this.node.append(
      this.progress,
      element("div", { class: "composerBox" }, this.attachments, this.box.node, bar),
    );
    this.node.addEventListener("submit", (event) => event.preventDefault());
    this.box.node.addEventListener("keydown", (event) => this.onKey(event));
    this.box.node.addEventListener("input", () => this.keepDraft());
  }

  update(state: ChatState): void {
    const { conversation, attachments, engine } = state;
    if (conversation.id !== this.conversation) this.openDraft(state);
    const last = conversation.turns.at(-1);
    this.isUnasked = last === undefined;
    this.isBusy = last !== undefined && isRunning(last.answer);
    setHidden(this.stop, !this.isBusy);
    setHidden(this.send, this.isBusy);
    this.send.toggleAttribute("disabled", this.box.value.trim() === "");
    setHidden(this.progress, engine.kind !== "loading");
    this.updateProgress(engine);
    this.updateAttachments(attachments);
    this.chips.update(state);
    this.box.node.placeholder = last ? "Ask a follow-up" : "Ask a question";
  }

  focus(): void {
    this.box.focus();
  }

  /** Another view may open a conversation while words are typed here: they are never lost. */
  private openDraft({ conversation: { id, draft } }: ChatState): void {
    const typed = this.isUnasked ? this.box.value : "";
    if (typed === "") this.saveDraft();
    this.conversation = id;
    this.box.value = [draft, typed].filter((text) => text !== "").join("\n");
    if (typed !== "") this.keepDraft();
  }

  private onKey(event: KeyboardEvent): void {
    if (isPlainEnter(event)) this.submit();
    if (event.key === "ArrowUp" && this.box.value === "" && !this.isBusy && this.editLast())
      event.preventDefault();
  }

  private submit(): void {
    const text = this.box.value.trim();
    if (text === "" || this.isBusy) return;
    this.onSent();
    this.actions.ask("send", { text }).then(
      () => {
        if (this.box.value.trim() === text) this.box.value = "";
        this.keepDraft();
      },
      (error: unknown) => this.actions.report(reasonOf(error)),
    );
  }

  private keepDraft(): void {
    this.send.toggleAttribute("disabled", this.box.value.trim() === "");
    window.clearTimeout(this.draftTimer);
    this.draftTimer = window.setTimeout(() => this.saveDraft(), draftMillis);
  }

  private saveDraft(): void {
    window.clearTimeout(this.draftTimer);
    if (this.draftTimer === undefined) return;
    this.draftTimer = undefined;
    this.actions.act("saveDraft", { conversation: this.conversation, text: this.box.value });
  }

  private updateProgress(engine: ChatState["engine"]): void {
    const fraction = engine.kind === "loading" ? engine.fraction : undefined;
    this.progress.classList.toggle("isUnknown", fraction === undefined);
    this.progress.style.setProperty("--done", String(fraction ?? 0));
  }

  private updateAttachments(attachments: Attachment[]): void {
    if (attachments === this.shownAttachments) return;
    this.shownAttachments = attachments;
    setHidden(this.attachments, attachments.length === 0);
    this.attachments.replaceChildren(
      ...attachments.map(({ id, label }) =>
        element(
          "li",
          {},
          icon("file"),
          label,
          iconButton({
            label: `Remove ${label}`,
            icon: "close",
            onClick: () => this.actions.act("removeAttachment", { id }),
          }),
        ),
      ),
    );
  }
}
