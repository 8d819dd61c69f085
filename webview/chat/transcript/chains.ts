/**
 * The chains of an answer, one mark each: how far it is while they run, then what it came to. A mark
 * opens its chain below: its thinking, its answer and the way to its trace.
 */
import { voteRule } from "../../../src/shared/answers/vote";
import { type Answer, type AnswerChain, isRunning } from "../../../src/shared/chat/chatState";
import { visibleText } from "../../../src/shared/strangersText";
import { element, setHidden, setText } from "../../common/dom";
import type { MarkdownActions } from "../markdown/enrich";
import { ChainPanel } from "./chainPanel";
import { howTheyStand, sentenceOf, wordOf } from "./chainWords";

export class Chains {
  readonly node = element("section", { class: "chains", "aria-label": "Chains" });
  private readonly title = element("p", { class: "chainsTitle", title: voteRule });
  private readonly marks = element("ol", { class: "chainMarks" });
  private readonly panel: ChainPanel;
  private shown: Answer | undefined;
  /** The number of the chain that is open. */
  private opened: number | undefined;

  constructor(markdown: MarkdownActions, inspect: (chain: number) => void) {
    this.panel = new ChainPanel(markdown, inspect);
    this.node.append(this.title, this.marks);
  }

  update(answer: Answer): void {
    if (isShown(answer, this.shown)) return;
    this.shown = answer;
    if (isRunning(answer)) this.opened = undefined;
    this.draw(answer);
  }

  private draw(answer: Answer): void {
    const { chains = [] } = answer;
    setHidden(this.node, chains.length === 0);
    setText(this.title, howTheyStand(answer));
    chains.forEach((chain, number) => {
      const mark = this.marks.children[number] ?? this.marks.appendChild(this.newMark(number));
      this.updateMark(mark.firstElementChild as HTMLButtonElement, chain, number, answer);
    });
    while (this.marks.children.length > chains.length) this.marks.lastElementChild?.remove();
    this.showPanel(answer);
  }

  private showPanel({ chains = [], hasTrace }: Answer): void {
    const number = this.opened;
    const chain = number === undefined ? undefined : chains[number];
    if (number === undefined || !chain) return this.panel.node.remove();
    this.panel.update(number, chain, hasTrace);
    this.node.append(this.panel.node);
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
    const label = visibleText(sentenceOf(chain, number));
    setText(mark, agrees ? `✓ ${wordOf(chain)}` : wordOf(chain));
    mark.classList.toggle("hasEnded", chain.stopReason !== undefined);
    mark.classList.toggle("agrees", agrees);
    mark.disabled = isRunning(answer) || (chain.thinking === "" && chain.text === "");
    mark.setAttribute("aria-expanded", String(this.opened === number));
    mark.setAttribute("aria-label", agrees ? `${label}, agrees` : label);
    mark.title = label;
  }

  private toggle(number: number): void {
    this.opened = this.opened === number ? undefined : number;
    if (this.shown) this.draw(this.shown);
  }
}

function isShown(answer: Answer, shown: Answer | undefined): boolean {
  const { chains, phase, hasTrace } = answer;
  return chains === shown?.chains && phase === shown?.phase && hasTrace === shown.hasTrace;
}
