/** What is shown before the first question: what this is, and three questions to begin with. */
import type { ChatState } from "../../../src/shared/chat/chatState";
import { element, setHidden, setText } from "../../common/dom";

/** Of the kind that the bundled model is made for; any other model can answer them too. */
const examples = [
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?",
  "Kim has 24 shells. Leo has half as many as Kim. Fay has 7 more than Leo. Ida has 5 fewer than Kim. How many shells does Fay have?",
  "Eve has 18 books. Dan has 6 more than Eve. Gus has half as many as Dan. Pam has 9 more than Gus. Oli has twice as many as Pam. How many books does Oli have?",
];

export class EmptyState {
  readonly node = element("section", { class: "empty", "aria-labelledby": "emptyTitle" });
  private readonly scope = element("p", { class: "emptyScope" });

  constructor(ask: (question: string) => void) {
    const questions = examples.map((example) =>
      element(
        "li",
        {},
        element(
          "button",
          { type: "button", class: "example", onclick: () => ask(example) },
          element("span", {}, example),
        ),
      ),
    );
    this.node.append(
      element("h1", { id: "emptyTitle" }, "Think locally, keep what matters"),
      element(
        "p",
        {},
        "A model on this machine reasons step by step. Its cache stays at the budget you set, and the inspector shows which tokens it keeps, which it drops, and why. Nothing leaves this machine.",
      ),
      element("h2", {}, "Try one"),
      element("ul", { class: "examples" }, ...questions),
      this.scope,
    );
  }

  update({ conversation, engine }: ChatState): void {
    setHidden(this.node, conversation.turns.length > 0);
    setText(this.scope, (engine.kind === "ready" && engine.scope) || "");
  }
}
