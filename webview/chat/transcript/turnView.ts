/** One question with its answer. */
import {
  type Answer,
  type ChatState,
  isRunning,
  type Turn,
} from "../../../src/shared/chat/chatState";
import { element, setHidden } from "../../common/dom";
import { icon, type IconName } from "../../common/icons";
import { button } from "../../common/toolkit";
import type { Actions } from "../page/actions";
import { AnswerFooter } from "./answerFooter";
import { Chains } from "./chains";
import type { MarkdownActions } from "../markdown/enrich";
import { StreamingMarkdown } from "../markdown/streamingMarkdown";
import { type Notice, noticesOf } from "../page/notices";
import { QuestionBubble } from "./question";
import { Thinking } from "./thinking";

export interface Folds {
  isOpen(answer: string): boolean;
  remember(answer: string, isOpen: boolean): void;
}

export class TurnView {
  readonly node = element("article", { class: "turn" });
  readonly question: QuestionBubble;
  private readonly thinking: Thinking;
  private readonly text: StreamingMarkdown;
  private readonly chains: Chains;
  private readonly notices = element("ul", { class: "notices", "aria-label": "Notices" });
  private readonly footer: AnswerFooter;
  private answer: Answer;
  private shown: { turn?: Turn; cache?: ChatState["cache"] } = {};
  private shownNotices = "";

  constructor(
    private readonly turn: Turn,
    private readonly actions: Actions,
    markdown: MarkdownActions,
    folds: Folds,
    private readonly retry: (turn: string) => void,
  ) {
    this.answer = turn.answer;
    this.question = new QuestionBubble({
      copy: markdown.copy,
      resend: (text) => actions.act("editAndResend", { turn: turn.id, text }),
    });
    this.thinking = new Thinking(folds.isOpen(turn.id), (isOpen) =>
      folds.remember(turn.id, isOpen),
    );
    this.text = new StreamingMarkdown(markdown);
    const inspect = (chain?: number) =>
      actions.act("openInspector", { answer: this.answer.id, chain });
    this.chains = new Chains(markdown, inspect);
    this.footer = new AnswerFooter({
      regenerate: () => this.regenerate(),
      copy: () => markdown.copy(this.answer.text),
      inspect: () => inspect(),
    });
    this.node.addEventListener("click", (event) => this.lookedAt(event));
    this.node.append(
      this.question.node,
      this.thinking.node,
      this.text.node,
      this.chains.node,
      this.notices,
      this.footer.node,
    );
  }

  update(turn: Turn, cache: ChatState["cache"]): void {
    if (turn === this.shown.turn && cache === this.shown.cache) return;
    this.shown = { turn, cache };
    this.answer = turn.answer;
    this.node.setAttribute("aria-busy", String(isRunning(turn.answer)));
    this.question.update(turn);
    this.thinking.update(turn.answer, cache);
    this.text.update(turn.answer.text);
    setHidden(this.text.node, turn.answer.text === "");
    this.text.node.classList.toggle("isStreaming", turn.answer.phase === "answering");
    this.chains.update(turn.answer);
    this.updateNotices(noticesOf(turn.answer, cache));
    this.footer.update(turn.answer);
  }

  /** An inspector that follows the chat goes to the answer that was clicked on. */
  private lookedAt({ target }: Event): void {
    const isAsked = target instanceof Element && target.closest(".inspect") !== null;
    if (!isAsked) this.actions.act("lookAt", { answer: this.answer.id });
  }

  private updateNotices(notices: Notice[]): void {
    const key = JSON.stringify(notices);
    if (key === this.shownNotices) return;
    this.shownNotices = key;
    setHidden(this.notices, notices.length === 0);
    this.notices.replaceChildren(...notices.map((notice) => this.notice(notice)));
  }

  private notice({ kind, text, action }: Notice): HTMLElement {
    const shown = element("li", { class: `notice ${kind}` }, icon(noticeIcons[kind]));
    shown.append(element("span", {}, text));
    if (action === "pinPrompt")
      shown.append(this.noticeButton("Pin prompt", () => this.pinPrompt()));
    if (action === "retry")
      shown.append(this.noticeButton("Try again", () => this.retry(this.turn.id)));
    return shown;
  }

  private noticeButton(label: string, onClick: () => void): HTMLElement {
    return button({ label, appearance: "secondary", onClick });
  }

  private pinPrompt(): void {
    this.actions.act("setPinPrompt", { pinPrompt: true });
  }

  private regenerate(): void {
    this.actions.act("regenerate", { turn: this.turn.id });
  }
}

const noticeIcons: Record<Notice["kind"], IconName> = {
  hint: "info",
  warning: "warning",
  error: "error",
};
