/** An exported conversation, read by a renderer that lets tags and pictures through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { exportConversation } from "../../../src/client/chat/exportConversation";
import type { AnswerChain, Conversation } from "../../../src/shared/chat/chatState";
import { Random } from "../../../src/shared/random";
import { emptyAnswer } from "../../support/chatState";
import { hostile } from "../../support/hostileMarkdown";

const reader = new MarkdownIt({ html: true });

/** Tags of ours are left out. */
function tagsAndPictures(conversation: Conversation): string[] {
  const { text } = exportConversation(conversation, "markdown");
  return reader
    .parse(text, {})
    .flatMap((block) => [block, ...(block.children ?? [])])
    .filter(({ type }) => ["html_block", "html_inline", "image"].includes(type))
    .map(({ content }) => content.trim())
    .filter(
      (content) =>
        !/^<(\/details|details><summary>(Thinking|Chain 2) \(0 tokens\)<\/summary)>$/.test(content),
    );
}

function chainSaying(text: string): AnswerChain {
  return { thinking: text, text, thinkingTokens: 0, answerTokens: 0 };
}

function saying(...answers: string[]): Conversation {
  const turns = answers.map((text, i) => ({
    id: `${i}`,
    question: { text, attachments: [{ id: `${i}`, label: text, language: "text", text }] },
    answer: {
      ...emptyAnswer(`${i}`),
      text,
      thinking: text,
      error: text,
      model: text,
      chains: [chainSaying(text), chainSaying(text)],
    },
  }));
  const dates = { createdAt: 0, updatedAt: 0 };
  return { id: "c", title: answers[0], draft: "", ...dates, turns };
}

test("no text of a conversation opens a tag or fetches a picture where its export is read", () => {
  for (const text of hostile("https://canary.example"))
    assert.deepEqual(tagsAndPictures(saying(text)), []);
});

test("nor do texts that begin and end code, lists and quotations in any order", () => {
  const chance = new Random(7);
  const pieces =
    "```|````|~~~|``` js|- a|  ```|   ```|    ```|> ```|> b|1. c||`d|\\`|<img src=x>|![](x)|<!-- e|$$".split(
      "|",
    );
  for (let i = 0; i < 1_000; i++) {
    const draw = () => Array.from({ length: 12 }, () => chance.pick(pieces)).join("\n");
    const texts = [draw(), draw()];
    assert.deepEqual(tagsAndPictures(saying(...texts)), [], JSON.stringify(texts));
  }
});

test("what is no tag stays as it was written, and so does code", () => {
  const text = "a < b, 1<2 and x<!y\n\n```cpp\nstd::vector<int> v;\n```\n\nWow![^1]";
  const exported = exportConversation(saying(text), "markdown").text;
  assert.ok(exported.includes("a < b, 1<2 and x&lt;!y"));
  assert.ok(exported.includes("```cpp\nstd::vector<int> v;\n```"));
});

test("an answer that was voted says how, and has the other chains with their thinking", () => {
  const conversation = saying("44");
  const [turn] = conversation.turns;
  turn.answer.vote = { answer: "44", agree: 1, of: 2, chains: [1] };
  turn.answer.chains = [
    { ...chainSaying("So 42."), thinking: "I add.", thinkingTokens: 2, found: "42" },
    chainSaying("44"),
  ];
  const { text } = exportConversation(conversation, "markdown");
  assert.match(text, /1 of 2 chains agree\./);
  assert.match(
    text,
    /<summary>Chain 1 \(2 tokens\)<\/summary>\n\n```text\nI add\.\n```\n\nSo 42\./,
  );
  assert.doesNotMatch(text, /Chain 2/);
});
