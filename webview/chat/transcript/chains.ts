/**
 * The chains of an answer, one mark each: how far it is while they run, then what it came to. A mark
 * opens its chain below: its thinking, its answer and the way to its trace.
 */
import { voteRule } from "../../../src/shared/answers/vote";
import { type Answer, type AnswerChain, isRunning } from "../../../src/shared/chat/chatState";
import { count, counted } from "../../../src/shared/units";
import { element, setHidden, setText } from "../../common/dom";
import { icon } from "../../common/icons";
import type { MarkdownActions } from "../markdown/enrich";
import { StreamingMarkdown } from "../markdown/streamingMarkdown";
import { GrowingText } from "./growingText";

export class Chains {
  readonly node = element("section", { class: "chains", "aria-label": "Chains" });
  private readonly title = element("p", { class: "chainsTitle", title: voteRule });
  private readonly marks = element("ol", { class: "chainMarks" });
  private readonly panel: ChainPanel;
  private shown: Answer | undefined;
  /** The number of the chain that is open. */
  private opened: number | undefined;

  constructor(markdown: MarkdownActions, inspect: () => void) {
    this.panel = new ChainPanel(markdown, inspect);
    this.node.append(this.title, this.marks);
  }

  update(answer: Answer): void {
    if (answer.chains === this.shown?.chains && answer.phase === this.shown?.phase) return;
    this.shown = answer;
    if (isRunning(answer)) this.opened = undefined;
    this.draw(answer);
  }

  private draw(answer: Answer): void {
    const { chains = [] } = answer;
    setHidden(this.node, chains.length === 0);
    setText(this.title, titleOf(answer));
    chains.forEach((chain, number) => {
      const mark = this.marks.children[number] ?? this.marks.appendChild(this.newMark(number));
      this.updateMark(mark.firstElementChild as HTMLButtonElement, chain, number, answer);
    });
    while (this.marks.children.length > chains.length) this.marks.lastElementChild?.remove();
    this.showPanel(answer);
  }

  private showPanel({ chains = [], hasTrace }: Answer): void {
    const chain = this.opened === undefined ? undefined : chains[this.opened];
    if (chain && this.opened !== undefined) {
      this.panel.update(this.opened, chain, hasTrace);
      this.node.append(this.panel.node);
    } else this.panel.node.remove();
  }

  private newMark(number: number): HTMLElement {
    const toggle = () => this.toggle(number);
    return element(
      "li",
      {},
      element("button", { type: "button", class: "chainMark", onclick: toggle }),
    );
  }

  private updateMark(
    mark: HTMLButtonElement,
    chain: AnswerChain,
    number: number,
    answer: Answer,
  ): void {
    const agrees = answer.vote?.chains.includes(number) === true;
    setText(mark, agrees ? `✓ ${wordOf(chain)}` : wordOf(chain));
    mark.classList.toggle("hasEnded", chain.stopReason !== undefined);
    mark.classList.toggle("agrees", agrees);
    mark.disabled = isRunning(answer) || (chain.thinking === "" && chain.text === "");
    mark.setAttribute("aria-expanded", String(this.opened === number));
    mark.setAttribute(
      "aria-label",
      `Chain ${number + 1}: ${wordsOf(chain)}${agrees ? ", agrees" : ""}`,
    );
    mark.title = `Chain ${number + 1}: ${wordsOf(chain)}`;
  }

  private toggle(number: number): void {
    this.opened = this.opened === number ? undefined : number;
    if (this.shown) this.draw(this.shown);
  }
}

/** One chain, whole. */
class ChainPanel {
  readonly node = element("div", { class: "chainPanel" });
  private readonly title = element("p", { class: "chainTitle" });
  private readonly thinking = new GrowingText("thinkingBody");
  private readonly text: StreamingMarkdown;
  private readonly inspect: HTMLElement;

  constructor(markdown: MarkdownActions, inspect: () => void) {
    this.text = new StreamingMarkdown(markdown);
    this.inspect = element(
      "button",
      { type: "button", class: "inspect", onclick: inspect },
      icon("inspect"),
      "Open in inspector",
    );
    this.thinking.node.tabIndex = 0;
    this.thinking.node.setAttribute("role", "region");
    const head = element("div", { class: "chainHead" }, this.title, this.inspect);
    this.node.append(head, this.thinking.node, this.text.node);
  }

  update(number: number, chain: AnswerChain, hasTrace: boolean): void {
    setText(this.title, `Chain ${number + 1}: ${wordsOf(chain)}`);
    setHidden(this.inspect, !hasTrace);
    this.inspect.title = `In the inspector, choose chain ${number + 1}.`;
    this.thinking.node.setAttribute("aria-label", `Thinking of chain ${number + 1}`);
    this.thinking.update("");
    this.thinking.update(chain.thinking);
    setHidden(this.thinking.node, chain.thinking === "");
    this.text.update(chain.text);
    setHidden(this.text.node, chain.text === "");
  }
}

function titleOf(answer: Answer): string {
  const { chains = [], vote } = answer;
  const all = chains.length;
  if (isRunning(answer)) {
    const ended = chains.filter(({ stopReason }) => stopReason !== undefined).length;
    return ended === 0 ? `${all} chains think` : `${ended} of ${all} chains have ended`;
  }
  if (!vote) return `None of ${all} chains came to an answer`;
  return `${vote.agree} of ${vote.of} agree`;
}

function tokensOf({ thinkingTokens, answerTokens }: AnswerChain): number {
  return thinkingTokens + answerTokens;
}

/** As short as a mark. */
function wordOf(chain: AnswerChain): string {
  if (chain.found !== undefined) return chain.found;
  return chain.stopReason === undefined ? `${count(tokensOf(chain))} tok` : "–";
}

function wordsOf(chain: AnswerChain): string {
  if (chain.stopReason === undefined) return wordOf(chain);
  const tokens = counted(tokensOf(chain), "token");
  return [chain.found, endOf(chain), tokens].filter((word) => word !== undefined).join(", ");
}

/** Why it came to no answer. */
function endOf({ found, stopReason }: AnswerChain): string | undefined {
  if (found !== undefined || stopReason === undefined) return undefined;
  if (stopReason === "settled") return "stopped because the vote was settled";
  if (stopReason === "cancelled") return "stopped by you";
  if (stopReason === "end") return "no answer";
  return "cut at a limit";
}
