/** All turns of a conversation; its end stays in sight as long as the person does not scroll away. */
import type { ChatState } from "../../../src/shared/chat/chatState";
import { element, setHidden } from "../../common/dom";
import { iconButton } from "../../common/toolkit";
import type { Actions } from "../page/actions";
import type { MarkdownActions } from "../markdown/enrich";
import type { Memory } from "../composer/memory";
import { type Folds, TurnView } from "./turnView";

const nearEnd = 32;

export class Transcript {
  readonly node = element("div", { class: "transcriptFrame" });
  private readonly turns = element("div", { class: "turns" });
  private readonly scroller = element(
    "main",
    { class: "transcript", tabindex: 0, "aria-label": "Conversation" },
    this.turns,
  );
  private readonly toEnd = iconButton({
    label: "Scroll to the end",
    icon: "chevronDown",
    onClick: () => this.followEnd(),
  });
  private readonly views = new Map<string, TurnView>();
  private readonly folds: Folds;
  private conversation = "";
  private isAtEnd = true;
  private heights = "";

  constructor(
    private readonly actions: Actions,
    private readonly markdown: () => MarkdownActions,
    private readonly memory: Memory,
    private readonly retry: (turn: string) => void,
  ) {
    this.folds = {
      isOpen: (turn) => memory.value.open.includes(turn),
      remember: (turn, isOpen) => memory.fold(turn, isOpen),
    };
    this.toEnd.classList.add("toEnd");
    this.node.append(this.scroller, this.toEnd);
    this.scroller.addEventListener("scroll", () => this.noteScroll());
    new ResizeObserver(() => this.keepEnd()).observe(this.turns);
    new ResizeObserver(() => this.keepEnd()).observe(this.scroller);
  }

  update({ conversation, cache }: ChatState): void {
    const isOther = conversation.id !== this.conversation;
    if (isOther) this.clear(conversation.id);
    const kept = new Set(conversation.turns.map(({ id }) => id));
    for (const [id, view] of this.views) if (!kept.has(id)) this.drop(id, view);
    for (const turn of conversation.turns) {
      const view = this.views.get(turn.id) ?? this.add(turn);
      view.update(turn, cache);
    }
    if (isOther) this.restoreScroll();
    this.keepEnd();
  }

  /** Opens the last question for editing; false where there is none. */
  editLast(): boolean {
    const last = [...this.views.values()].at(-1);
    last?.question.edit();
    return last !== undefined;
  }

  followEnd(): void {
    this.isAtEnd = true;
    this.keepEnd();
  }

  private add(turn: ChatState["conversation"]["turns"][number]): TurnView {
    const view = new TurnView(turn, this.actions, this.markdown(), this.folds, this.retry);
    this.views.set(turn.id, view);
    this.turns.append(view.node);
    return view;
  }

  private drop(id: string, view: TurnView): void {
    this.views.delete(id);
    view.node.remove();
  }

  private clear(conversation: string): void {
    for (const [id, view] of this.views) this.drop(id, view);
    this.conversation = conversation;
  }

  private restoreScroll(): void {
    const { scroll } = this.memory.value;
    this.isAtEnd = scroll?.conversation !== this.conversation;
    if (scroll && !this.isAtEnd) this.scroller.scrollTop = scroll.top;
  }

  private noteScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // What moves as the text gets another width was not moved by the person.
    if (this.isAtEnd && this.heights !== `${scrollHeight} ${clientHeight}`) return this.keepEnd();
    this.isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    setHidden(this.toEnd, this.isAtEnd);
    this.memory.scroll(
      this.isAtEnd ? undefined : { conversation: this.conversation, top: scrollTop },
    );
  }

  private keepEnd(): void {
    const { scrollHeight, clientHeight } = this.scroller;
    this.heights = `${scrollHeight} ${clientHeight}`;
    if (this.isAtEnd) this.scroller.scrollTop = scrollHeight;
    setHidden(this.toEnd, this.isAtEnd);
  }
}
