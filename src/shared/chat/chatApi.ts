/**
 * The wire between a chat view and its host (VS Code or the browser server), types only.
 * JSON-RPC both ways: see wire.ts. A view begins with `subscribe` and goes on from the snapshot.
 */
import type { ChatChange } from "./chatChange";
import type { ChatState, ConversationSummary } from "./chatState";

/** One row of a menu. */
export interface Choice {
  /** What `choose` takes: “512”, “34%”, “full”; a number of chains; a policy's name; a model's folder. */
  value: string;
  label: string;
  /** Beside the label: “current”, “of the tokens so far”. */
  description: string;
  /** At the right: memory, speed, size. */
  detail: string;
  current: boolean;
}

/** What a menu or picker is for. */
export type Choosable = "budget" | "chains" | "policy" | "model";

/** A conversation that holds what was searched for. */
export interface SearchHit extends ConversationSummary {
  /** The words around the first match. */
  excerpt: string;
}

/** What a view asks of its host. Each answers with an Error whose message can be shown as it is. */
export interface ChatRequests {
  /** Asked first, and again whenever the view has lost the thread. */
  subscribe: { params: null; result: Snapshot };
  send: { params: { text: string }; result: null };
  stop: { params: null; result: null };
  /** Answers a turn anew; the turns after it are gone. */
  regenerate: { params: { turn: string }; result: null };
  editAndResend: { params: { turn: string; text: string }; result: null };
  newConversation: { params: null; result: null };
  openConversation: { params: { id: string }; result: null };
  renameConversation: { params: { id: string; title: string }; result: null };
  deleteConversation: { params: { id: string }; result: null };
  search: { params: { query: string }; result: SearchHit[] };
  /** The host offers the file for saving. */
  exportConversation: { params: { id: string; format: "markdown" | "json" }; result: null };
  /** What can be chosen, for a view's own menu. */
  choices: { params: { what: Choosable }; result: Choice[] };
  choose: { params: { what: Choosable; value: string }; result: null };
  /** Opens the host's own picker; only where `abilities.pickers`. */
  pick: { params: { what: Choosable }; result: null };
  setPinPrompt: { params: { pinPrompt: boolean }; result: null };
  /** These three only where `abilities.editor`. */
  attachSelection: { params: null; result: null };
  attachFile: { params: null; result: null };
  insertAtCursor: { params: { text: string }; result: null };
  removeAttachment: { params: { id: string }; result: null };
  /** At one of its chains, from 0; without one, at that whose text is shown. */
  openInspector: { params: { answer: string; chain?: number }; result: null };
  /** The person looks at this answer: an inspector that follows the chat shows it. */
  lookAt: { params: { answer: string }; result: null };
  copy: { params: { text: string }; result: null };
  /** After the person confirmed; the host opens https addresses only. */
  openLink: { params: { address: string }; result: null };
  /** Kept with the conversation, not sent to other views. */
  saveDraft: { params: { conversation: string; text: string }; result: null };
  /** The person has read the state's notices. */
  closeNotices: { params: null; result: null };
}

/** Where a view starts from. */
export interface Snapshot {
  /** Number of the last change that is part of `state`. */
  sequence: number;
  state: ChatState;
}

/**
 * What a host asks of its view. `changes` numbers its first change; a view that misses one
 * subscribes again. The next batch comes only after this one is answered: at most 60 a second,
 * none while the view is hidden.
 */
export interface ViewRequests {
  changes: { params: { sequence: number; changes: ChatChange[] }; result: null };
}

/** What a host tells its view unasked, beside changes. */
export interface ViewEvents {
  /** Moves the keyboard to the composer. */
  focusComposer: null;
}
