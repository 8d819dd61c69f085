/** What the person asked, in a bubble; edited in place and sent again. */
import type { Question, Turn } from "../../../src/shared/chat/chatState";
import { element, setHidden, setText } from "../../common/dom";
import { icon } from "../../common/icons";
import { button, iconButton } from "../../common/toolkit";
import { isPlainEnter, TextBox } from "../composer/textBox";

export interface QuestionActions {
  copy(text: string): void;
  resend(text: string): void;
}

export class QuestionBubble {
  readonly node = element("section", { class: "question", "aria-label": "Your question" });
  private readonly text = element("p", { class: "questionText" });
  private readonly attachments = element("ul", { class: "attachments" });
  private readonly bubble = element("div", { class: "bubble" }, this.attachments, this.text);
  private readonly tools: HTMLElement;
  private shown: Question | undefined;

  constructor(private readonly actions: QuestionActions) {
    this.tools = element(
      "div",
      { class: "questionTools" },
      iconButton({ label: "Edit and send again", icon: "edit", onClick: () => this.edit() }),
      iconButton({
        label: "Copy question",
        icon: "copy",
        onClick: () => actions.copy(this.shown?.text ?? ""),
      }),
    );
    this.node.append(this.bubble, this.tools);
  }

  update({ question }: Turn): void {
    if (question === this.shown) return;
    this.shown = question;
    setText(this.text, question.text);
    setHidden(this.attachments, question.attachments.length === 0);
    this.attachments.replaceChildren(
      ...question.attachments.map(({ label }) => element("li", {}, icon("file"), label)),
    );
  }

  edit(): void {
    const box = new TextBox({ label: "Edit your question", placeholder: "" });
    box.value = this.shown?.text ?? "";
    const leave = () => editor.replaceWith(this.bubble, this.tools);
    const send = () => {
      if (box.value.trim() === "") return;
      leave();
      this.actions.resend(box.value.trim());
    };
    const buttons = element(
      "div",
      { class: "editorButtons" },
      button({ label: "Cancel", appearance: "secondary", onClick: leave }),
      button({ label: "Send", onClick: send }),
    );
    const editor = element("div", { class: "questionEditor" }, box.node, buttons);
    box.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave();
      if (event.key === "Escape") event.stopPropagation();
      if (isPlainEnter(event)) send();
    });
    this.tools.remove();
    this.bubble.replaceWith(editor);
    box.focus();
  }
}
