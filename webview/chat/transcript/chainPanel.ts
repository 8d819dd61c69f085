/** One of an answer's chains, whole: its thinking, its answer and the way to its trace. */
import type { AnswerChain } from "../../../src/shared/chat/chatState";
import { element, setHidden, setText } from "../../common/dom";
import type { MarkdownActions } from "../markdown/enrich";
import { StreamingMarkdown } from "../markdown/streamingMarkdown";
import { inspectButton } from "./answerFooter";
import { sentenceOf } from "./chainWords";
import { GrowingText } from "./growingText";

export class ChainPanel {
  readonly node = element("div", { class: "chainPanel" });
  private readonly title = element("p", { class: "chainTitle" });
  private readonly thinking = new GrowingText("thinkingBody");
  private readonly text: StreamingMarkdown;
  private readonly inspect: HTMLElement;
  private number = 0;

  /** @param inspect is told the chain's number, from 0 */
  constructor(markdown: MarkdownActions, inspect: (chain: number) => void) {
    this.text = new StreamingMarkdown(markdown);
    this.inspect = inspectButton(() => inspect(this.number));
    this.thinking.node.tabIndex = 0;
    this.thinking.node.setAttribute("role", "region");
    const head = element("div", { class: "chainHead" }, this.title, this.inspect);
    this.node.append(head, this.thinking.node, this.text.node);
  }

  update(number: number, chain: AnswerChain, hasTrace: boolean): void {
    this.number = number;
    setText(this.title, sentenceOf(chain, number));
    setHidden(this.inspect, !hasTrace);
    this.thinking.node.setAttribute("aria-label", `Thinking of chain ${number + 1}`);
    this.thinking.update("");
    this.thinking.update(chain.thinking);
    setHidden(this.thinking.node, chain.thinking === "");
    this.text.update(chain.text);
    setHidden(this.text.node, chain.text === "");
  }
}
