/**
 * Markdown that grows at its end. Blocks that no later character can change stay as they were
 * drawn; with each update only the rest, as a rule one block, is drawn anew.
 */
import { element } from "../../common/dom";
import { visibleText } from "../../common/visibleText";
import { parseBlocks } from "./blocks";
import { enrich, type MarkdownActions } from "./enrich";
import { sanitise } from "./sanitise";

export class StreamingMarkdown {
  readonly node = element("div", { class: "markdown" });
  private readonly rest = element("div", { class: "rest" });
  private source = "";
  private settled = 0;

  constructor(private readonly actions: MarkdownActions) {
    this.node.append(this.rest);
  }

  update(text: string): void {
    const source = visibleText(text).replace(/\r\n?/g, "\n");
    if (source === this.source) return;
    if (!source.startsWith(this.source.slice(0, this.settled))) this.clear();
    this.source = source;
    this.settleBlocks();
    this.rest.replaceChildren(this.draw(source.slice(this.settled)));
  }

  /** Blocks before the last one, as far as lines are whole, cannot change any more. */
  private settleBlocks(): void {
    const whole = this.source.slice(this.settled, this.source.lastIndexOf("\n") + 1);
    const last = parseBlocks(whole).at(-1);
    if (!last || last.start === 0) return;
    const length = lengthOfLines(whole, last.start);
    this.rest.before(this.draw(whole.slice(0, length)));
    this.settled += length;
  }

  private draw(source: string): DocumentFragment {
    const html = parseBlocks(source).map((block) => block.html);
    return enrich(sanitise(html.join("")), this.actions);
  }

  private clear(): void {
    this.node.replaceChildren(this.rest);
    this.settled = 0;
  }
}

function lengthOfLines(text: string, lines: number): number {
  let length = 0;
  for (let line = 0; line < lines; line++) length = text.indexOf("\n", length) + 1;
  return length;
}
