/** Tells a screen reader how an answer goes: its phases and its end, never token by token. */
import { type Answer, type ChatState, isRunning } from "../../../src/shared/chat/chatState";
import { element, setText } from "../../common/dom";
import { duration } from "../../../src/shared/units";

export class Announcer {
  readonly node = element("div", { class: "spoken", role: "status", "aria-live": "polite" });
  private answer = "";
  private wasRunning = false;

  update({ conversation }: ChatState): void {
    const answer = conversation.turns.at(-1)?.answer;
    if (!answer) return;
    const running = isRunning(answer);
    const isFollowed = running || (this.wasRunning && answer.id === this.answer);
    this.answer = answer.id;
    this.wasRunning = running;
    if (isFollowed) setText(this.node, wordsFor(answer));
  }
}

function wordsFor({ phase, text, thinkingMillis, vote, error }: Answer): string {
  switch (phase) {
    case "waiting":
      return "Waiting for another answer to end.";
    case "loading":
      return "Loading the model.";
    case "prefill":
      return "Reading the prompt.";
    case "thinking":
      return "Thinking.";
    case "answering":
      return "Answering.";
    case "done":
      return `Thought for ${duration(thinkingMillis)}. ${vote ? `${vote.agree} of ${vote.of} agree. ` : ""}${text}`;
    case "stopped":
      return `Stopped. ${text}`;
    case "failed":
    case "interrupted":
      return error ?? "The answer ended early.";
    default:
      return phase satisfies never;
  }
}
