/**
 * The host's state, followed change by change. A change that does not fit, or one that is missing,
 * makes the view ask for the whole state again, so that what is shown is always what the host has.
 */
import type { MessageConnection } from "vscode-jsonrpc/browser";
import type { ChatRequests, ViewRequests } from "../../../src/shared/chat/chatApi";
import { applyChange } from "../../../src/shared/chat/chatChange";
import type { ChatState } from "../../../src/shared/chat/chatState";
import { request, serve } from "../../../src/shared/wire/wire";

/** After a drawing the page is left to the person's keys this many times as long as it took. */
const restShare = 3;

type Batch = ViewRequests["changes"]["params"];

export class LiveState {
  private state: ChatState | undefined;
  private sequence = 0;
  private frame: Promise<void> | undefined;
  private restUntil = 0;

  /** Draws at most once per frame of the screen. */
  constructor(
    private readonly connection: MessageConnection,
    private readonly draw: (state: ChatState) => void,
  ) {
    serve<ViewRequests>(connection, { changes: (batch) => this.take(batch) });
  }

  async subscribe(): Promise<void> {
    this.state = undefined;
    const { sequence, state } = await request<ChatRequests, "subscribe">(
      this.connection,
      "subscribe",
      null,
    );
    this.sequence = sequence;
    this.state = state;
    await this.drawn();
  }

  /** Answered when it is on the screen: a view that is hidden or slow is sent less. */
  private async take(batch: Batch): Promise<null> {
    if (!this.state) return null;
    if (this.apply(this.state, batch)) await this.drawn();
    // The host numbers the snapshot when it sends it, which it cannot do before this is answered.
    else void this.subscribe();
    return null;
  }

  private apply(state: ChatState, { sequence, changes }: Batch): boolean {
    if (sequence > this.sequence + 1) return false;
    const unseen = changes.slice(this.sequence + 1 - sequence);
    try {
      this.state = unseen.reduce(applyChange, state);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
    this.sequence += unseen.length;
    return true;
  }

  private drawn(): Promise<void> {
    this.frame ??= this.drawNext();
    return this.frame;
  }

  private async drawNext(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.restUntil - performance.now()));
    const began = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    this.frame = undefined;
    if (this.state) this.draw(this.state);
    const ended = performance.now();
    this.restUntil = ended + restShare * (ended - began);
  }
}
