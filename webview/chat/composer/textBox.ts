/** A text area that is as high as its text, up to a limit set by its style. */
import { element } from "../../common/dom";

export class TextBox {
  readonly node: HTMLTextAreaElement;

  constructor({ label, placeholder }: { label: string; placeholder: string }) {
    this.node = element("textarea", {
      class: "textBox",
      rows: 1,
      placeholder,
      "aria-label": label,
    });
    this.node.addEventListener("input", () => this.fit());
    this.node.addEventListener("keydown", (event) => {
      if (isPlainEnter(event)) event.preventDefault();
    });
  }

  get value(): string {
    return this.node.value;
  }

  set value(text: string) {
    this.node.value = text;
    this.fit();
  }

  focus(): void {
    this.fit();
    this.node.focus();
    this.node.setSelectionRange(this.value.length, this.value.length);
  }

  private fit(): void {
    this.node.style.height = "auto";
    this.node.style.height = `${this.node.scrollHeight + 2}px`;
  }
}

/** Enter that means “send”: not in the middle of composing a character, and without Shift. */
export function isPlainEnter(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing;
}
