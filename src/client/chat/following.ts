/**
 * What inspectors that follow a chat show: the run that was begun, opened or asked for last. A run
 * that begins is shown once its trace has a beginning.
 */
import { shownChain } from "../../shared/answers/vote";
import type { ChatChange } from "../../shared/chat/chatChange";
import { isRunning } from "../../shared/chat/chatState";
import type { Followed, Follower, Look } from "../inspector/followed";
import { fileBytes, type OpenTrace } from "../inspector/traceBytes";
import type { ChatSession } from "./chatSession";
import { shortened } from "./newConversation";
import type { TraceStore } from "./traceStore";

const longestName = 60;

export class Following implements Followed {
  readonly followers = new Set<Follower>();
  private shown: Look = { traces: [], chain: 0 };
  /** The answer to be shown once its trace can be read. */
  private next: string | undefined;

  constructor(
    private readonly session: Pick<ChatSession, "turnOf">,
    private readonly traces: Pick<TraceStore, "fileOf" | "sizeOf">,
  ) {}

  get look(): Look {
    return this.shown;
  }

  /** To be called with each change of the chat. */
  take(change: ChatChange): void {
    if (change.kind === "opened")
      this.next = change.conversation.turns.findLast(({ answer }) => answer.hasTrace)?.answer.id;
    else if (change.kind !== "conversation") return;
    else if (change.change.kind === "turn") this.next = change.change.turn.answer.id;
    else if (change.change.kind !== "answer" || change.change.answer !== this.next) return;
    if (this.next !== undefined) void this.showNext(this.next);
  }

  /** An answer that the person looks at in the chat. Nothing happens where it has no trace. */
  async select(answer: string): Promise<void> {
    if (this.shown.traces[0]?.id === answer) return;
    if (await this.sizeOf(answer)) this.show(this.lookAt(answer));
  }

  /** Until another run begins or is asked for. */
  show(look: Look): void {
    this.shown = look;
    for (const follower of this.followers) follower.show(look);
  }

  /** Without a chain: of the one that the chat shows. */
  lookAt(answer: string, chain?: number): Look {
    const vote = this.session.turnOf(answer)?.answer.vote;
    return { traces: [this.traceOf(answer)], chain: chain ?? shownChain(vote) };
  }

  async stored(answers: string[], chain: number): Promise<Look | undefined> {
    const sizes = await Promise.all(answers.map((answer) => this.sizeOf(answer)));
    if (sizes.includes(undefined)) return undefined;
    return { traces: answers.map((answer) => this.traceOf(answer)), chain };
  }

  traceOf(answer: string): OpenTrace {
    const turn = () => this.session.turnOf(answer);
    return {
      id: answer,
      name: shortened(turn()?.question.text ?? "Run", longestName),
      bytes: fileBytes(this.traces.fileOf(answer)),
      isLive: () => {
        const found = turn();
        return found !== undefined && isRunning(found.answer);
      },
    };
  }

  private async showNext(answer: string): Promise<void> {
    if (!(await this.sizeOf(answer)) || this.next !== answer) return;
    this.next = undefined;
    this.show(this.lookAt(answer));
  }

  /** Undefined also for what names no answer. */
  private async sizeOf(answer: string): Promise<number | undefined> {
    return this.traces.sizeOf(answer).catch(() => undefined);
  }
}
