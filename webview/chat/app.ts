/** The chat: a header, the conversation or the list of all, and the composer. */
import type { ChatState } from "../../src/shared/chat/chatState";
import { isRunning } from "../../src/shared/chat/chatState";
import { reasonOf } from "../../src/shared/reasonOf";
import { element, setHidden } from "../common/dom";
import type { Actions } from "./page/actions";
import { Announcer } from "./page/announcer";
import { Composer } from "./composer/composer";
import { ConversationList } from "./page/conversationList";
import { EmptyState } from "./page/emptyState";
import { Banner, failureOf, noticeOf } from "./page/engineBanner";
import { Header } from "./page/header";
import { confirmLink } from "./page/linkDialog";
import type { MarkdownActions } from "./markdown/enrich";
import type { Memory } from "./composer/memory";
import { Transcript } from "./transcript/transcript";

export class App {
  readonly node = element("div", { class: "app" });
  readonly composer: Composer;
  private readonly header: Header;
  private readonly list: ConversationList;
  private readonly transcript: Transcript;
  private readonly empty: EmptyState;
  private readonly engineFailure: Banner;
  private readonly notices: Banner;
  private readonly announcer = new Announcer();
  private state: ChatState | undefined;

  constructor(
    private readonly actions: Actions,
    memory: Memory,
    errors: Banner,
  ) {
    this.header = new Header(actions, () => this.showList(!this.list.isOpen));
    this.list = new ConversationList(actions, () => this.showList(false));
    this.transcript = new Transcript(
      actions,
      () => this.markdownActions(),
      memory,
      (turn) => void this.retry(turn),
    );
    this.empty = new EmptyState((text) => {
      actions.act("send", { text });
      this.composer.focus();
    });
    this.engineFailure = new Banner({ label: "Restart", onClick: () => void this.restartEngine() });
    this.notices = new Banner(undefined, () => actions.act("closeNotices", null));
    this.composer = new Composer(
      actions,
      () => this.transcript.editLast(),
      () => this.transcript.followEnd(),
    );
    this.node.append(
      this.header.node,
      this.list.node,
      this.empty.node,
      this.transcript.node,
      this.engineFailure.node,
      this.notices.node,
      errors.node,
      this.composer.node,
      this.announcer.node,
    );
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  update(state: ChatState): void {
    const isOther = state.conversation.id !== this.state?.conversation.id;
    this.state = state;
    this.header.update(state);
    this.list.update(state);
    this.empty.update(state);
    this.transcript.update(state);
    this.engineFailure.show(failureOf(state));
    this.notices.show(noticeOf(state));
    this.composer.update(state);
    this.announcer.update(state);
    this.showList(this.list.isOpen && !isOther);
  }

  private showList(isOpen: boolean): void {
    const hasTurns = (this.state?.conversation.turns.length ?? 0) > 0;
    if (isOpen !== this.list.isOpen) {
      this.list.toggle(isOpen);
      if (!isOpen) this.composer.focus();
    }
    setHidden(this.transcript.node, isOpen || !hasTurns);
    setHidden(this.empty.node, isOpen || hasTurns);
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.state?.conversation.turns.at(-1);
    if (event.key === "Escape" && last && isRunning(last.answer)) this.actions.act("stop", null);
  }

  private async retry(turn: string): Promise<void> {
    if (this.state?.engine.kind === "failed") await this.restartEngine();
    this.actions.act("regenerate", { turn });
  }

  /** Choosing the model that is chosen already gives it another try. */
  private async restartEngine(): Promise<void> {
    const { ask, report } = this.actions;
    try {
      const choices = await ask("choices", { what: "model" });
      const current = choices.find((choice) => choice.current);
      if (current) await ask("choose", { what: "model", value: current.value });
    } catch (error) {
      report(reasonOf(error));
    }
  }

  private markdownActions(): MarkdownActions {
    const { act } = this.actions;
    const copy = (text: string) => act("copy", { text });
    const open = (address: string) => act("openLink", { address });
    return {
      copy,
      insert: this.state?.abilities.editor ? (text) => act("insertAtCursor", { text }) : undefined,
      openLink: (address) =>
        confirmLink(
          address,
          () => open(address),
          () => copy(address),
        ),
    };
  }
}
