/**
 * Sends changes to the views that follow them. A view gets one batch at a time and the next only
 * when it has answered, so a slow view gets larger batches instead of a longer queue; a view that
 * falls too far behind misses changes, sees that from their numbers and subscribes again.
 */
import type { MessageConnection } from "vscode-jsonrpc";
import type { Snapshot, ViewRequests } from "../../shared/chat/chatApi";
import type { ChatChange } from "../../shared/chat/chatChange";
import type { ChatState } from "../../shared/chat/chatState";
import { request } from "../../shared/wire/wire";

const betweenBatchesMillis = 16;
const longestQueue = 5_000;

interface View {
  connection: MessageConnection;
  pending: ChatChange[];
  /** Changes up to and with this one were sent, or dropped. */
  sequence: number;
  isBusy: boolean;
}

export class ViewFeed {
  private readonly views = new Map<MessageConnection, View>();

  constructor(private readonly state: () => ChatState) {}

  /** Changes follow from now on, the first of them numbered 1. */
  subscribe(connection: MessageConnection): Snapshot {
    this.views.set(connection, { connection, pending: [], sequence: 0, isBusy: false });
    return { sequence: 0, state: this.state() };
  }

  /** For a view that is gone or cannot be seen. */
  unsubscribe(connection: MessageConnection): void {
    this.views.delete(connection);
  }

  publish(change: ChatChange): void {
    for (const view of this.views.values()) {
      enqueue(view, change);
      if (!view.isBusy) void this.send(view);
    }
  }

  private async send(view: View): Promise<void> {
    view.isBusy = true;
    while (view.pending.length > 0 && this.views.get(view.connection) === view) {
      await new Promise((resolve) => setTimeout(resolve, betweenBatchesMillis));
      const changes = view.pending.splice(0);
      const sequence = view.sequence + 1;
      view.sequence += changes.length;
      try {
        await request<ViewRequests, "changes">(view.connection, "changes", { sequence, changes });
      } catch {
        this.views.delete(view.connection); // It subscribes again if it is still there.
      }
    }
    view.isBusy = false;
  }
}

function enqueue(view: View, change: ChatChange): void {
  const last = view.pending.at(-1);
  const joined = last && joinText(last, change);
  if (joined) view.pending[view.pending.length - 1] = joined;
  else view.pending.push(change);
  if (view.pending.length > longestQueue) view.sequence += view.pending.splice(0).length;
}

/** Two pieces of text that follow each other, as one change; undefined for anything else. */
function joinText(first: ChatChange, second: ChatChange): ChatChange | undefined {
  if (first.kind !== "conversation" || second.kind !== "conversation") return undefined;
  const [a, b] = [first.change, second.change];
  if (a.kind !== "answer" || b.kind !== "answer" || a.answer !== b.answer) return undefined;
  if (a.change.kind !== "text" || b.change.kind !== "text") return undefined;
  if (a.change.channel !== b.change.channel) return undefined;
  const text = a.change.text + b.change.text;
  const tokens = a.change.tokens + b.change.tokens;
  return { ...first, change: { ...a, change: { ...b.change, at: a.change.at, text, tokens } } };
}
