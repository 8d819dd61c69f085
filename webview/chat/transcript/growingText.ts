/** Plain text that grows at its end, a paragraph per line, so that only the last one is laid out. */
import { element } from "../../common/dom";
import { visibleText } from "../../../src/shared/strangersText";

export class GrowingText {
  readonly node: HTMLElement;
  private shown = 0;

  constructor(className: string) {
    this.node = element("div", { class: className });
  }

  update(text: string): void {
    if (text.length < this.shown) this.clear();
    if (text.length === this.shown) return;
    const [first = "", ...lines] = visibleText(
      text.slice(this.shown),
      text.slice(0, this.shown),
    ).split("\n");
    (this.node.lastElementChild ?? this.newLine()).append(first);
    for (const line of lines) this.newLine().append(line);
    this.shown = text.length;
  }

  private clear(): void {
    this.node.replaceChildren();
    this.shown = 0;
  }

  private newLine(): Element {
    return this.node.appendChild(element("p"));
  }
}
