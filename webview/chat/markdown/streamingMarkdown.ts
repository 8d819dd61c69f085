/**
 * Markdown that grows at its end. Blocks that no later character can change stay as they were
 * drawn; with each update only the rest, as a rule one block, is looked at anew.
 */
import { element } from "../../common/dom";
import { patchChildren } from "../../common/patch";
import { visibleText } from "../../../src/shared/strangersText";
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
    const rest = source.slice(this.settled);
    const settling = settledLength(rest);
    const drawn = this.draw(rest.slice(0, settling));
    const nodesSettling = drawn.childNodes.length;
    drawn.append(this.draw(rest.slice(settling)));
    patchChildren(this.rest, drawn);
    this.rest.before(...[...this.rest.childNodes].slice(0, nodesSettling));
    this.settled += settling;
  }

  private draw(source: string): DocumentFragment {
    const html = parseBlocks(source).map((block) => block.html());
    return enrich(sanitise(html.join("")), this.actions);
  }

  private clear(): void {
    this.node.replaceChildren(this.rest);
    this.settled = 0;
  }
}

/** Blocks before the last one, as far as lines are whole, cannot change any more. */
function settledLength(source: string): number {
  const whole = source.slice(0, source.lastIndexOf("\n") + 1);
  return lengthOfLines(whole, parseBlocks(whole).at(-1)?.start ?? 0);
}

function lengthOfLines(text: string, lines: number): number {
  let length = 0;
  for (let line = 0; line < lines; line++) length = text.indexOf("\n", length) + 1;
  return length;
}
