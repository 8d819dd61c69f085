/** Moments of a chat, as a host would hand them to a view. */
import type { Answer, AnswerChain, ChatState, Turn } from "../../src/shared/chat/chatState";
import { defaultCacheSettings } from "../../src/shared/settings/settings";

const bytesPerToken = 12_288;

const chain = `First, list what is known. Ned has 32 cards. Ava has 10 fewer than Ned.
Ava: 32 - 10 = 22. So Ava has 22 cards.
Wait, let me check that. Ned has 32, and 10 fewer than 32 is 22. OK.
Next, Hal has twice as many as Ava. Hal: 22 + 22 = 44. So Hal has 44 cards.
Check again from the start: Ned 32, Ava 32 - 10 = 22, Hal 2 * 22 = 44. The same.`;

const reply = `Hal has **44** cards.

1. Ava has \`32 - 10 = 22\` cards.
2. Hal has twice as many: $2 \\times 22 = 44$.

| person | cards |
|---|---:|
| Ned | 32 |
| Ava | 22 |

\`\`\`python
def cards(ned: int) -> int:
    return 2 * (ned - 10)  # Hal
\`\`\`

See [the rules](https://example.org/rules) for more.`;

function sawtooth(tokens: number, budget: number, buffer: number): Answer["gauge"] {
  return Array.from({ length: Math.ceil(tokens / 4) }, (_, index) => {
    const position = index * 4;
    const over = position - budget - buffer;
    return { position, retained: over < 0 ? position : budget + (over % buffer) };
  });
}

function figures(position: number, retained: number): NonNullable<Answer["figures"]> {
  return {
    position,
    retained,
    evicted: position - retained,
    compactions: 9,
    kvBytes: retained * bytesPerToken,
    kvBytesFull: position * bytesPerToken,
    tokensPerSecond: 41.4,
    reasoningSteps: 13,
  };
}

export function answer(change: Partial<Answer> = {}): Answer {
  return {
    id: "5d1f1d6e-4d0c-4c5e-9a39-2f1a1f8f0001",
    model: "pocket-reasoner",
    device: "cpu",
    phase: "done",
    thinking: chain,
    text: reply,
    thinkingTokens: 617,
    answerTokens: 41,
    startedAt: 1_790_000_000_000,
    thinkingMillis: 21_000,
    figures: figures(730, 118),
    gauge: sawtooth(730, 96, 32),
    end: {
      ...figures(730, 118),
      stopReason: "end",
      tokens: 658,
      promptTokens: 72,
      reusedTokens: 0,
      millisToFirstToken: 310,
      millis: 16_200,
      promptForgotten: 0.12,
    },
    notices: [],
    hasTrace: true,
    ...change,
  };
}

/** A chain that has ended with this answer, or was stopped without one. */
function ended(found?: string): AnswerChain {
  return {
    thinking: chain,
    text: found === undefined ? "" : `Hal has **${found}** cards.`,
    thinkingTokens: 617,
    answerTokens: found === undefined ? 0 : 9,
    stopReason: found === undefined ? "settled" : "end",
    found,
  };
}

function thinks(thinkingTokens: number): AnswerChain {
  return { thinking: "", text: "", thinkingTokens, answerTokens: 0 };
}

export function turn(id: string, text: string, answered: Answer): Turn {
  return { id, question: { text, attachments: [] }, answer: answered };
}

const question =
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";

export function chatState(turns: Turn[], change: Partial<ChatState> = {}): ChatState {
  const updatedAt = 1_790_000_000_000;
  return {
    abilities: { editor: true, pickers: false },
    conversations: [
      { id: "c1", title: "How many cards does Hal have?", updatedAt, turns: 2 },
      { id: "c2", title: "Coins in the box", updatedAt: updatedAt - 9e6, turns: 1 },
    ],
    conversation: {
      id: "c1",
      title: "How many cards does Hal have?",
      createdAt: updatedAt,
      updatedAt,
      draft: "",
      turns,
    },
    attachments: [],
    cache: { ...defaultCacheSettings, budget: { kind: "count", slots: 96 }, buffer: 32 },
    chains: 1,
    engine: { kind: "idle", model: "pocket-reasoner" },
    notices: [],
    ...change,
  };
}

export const states = {
  empty: () => chatState([]),
  running: () => {
    const running = { phase: "thinking", text: "", end: undefined } as const;
    return chatState([turn("t1", question, answer(running))]);
  },
  thinkingEightWays: () => {
    const chains = [
      thinks(617),
      ended("44"),
      ended("42"),
      ...[702, 688, 651, 640, 1204].map(thinks),
    ];
    const running = { phase: "thinking", text: "", end: undefined, chains } as const;
    return chatState([turn("t1", question, answer(running))], { chains: 8 });
  },
  voted: () => {
    const chains = ["44", "44", "42", "44", undefined, "44", "44 cards and a half", undefined];
    const vote = { answer: "44", agree: 4, of: 8, chains: [0, 1, 3, 5] };
    const voted = answer({ text: "Hal has **44** cards.", chains: chains.map(ended), vote });
    return chatState([turn("t1", question, voted)], { chains: 8 });
  },
  answered: () => {
    const second = answer({ id: "a2", text: "Ava has **22** cards.", thinkingMillis: 6_000 });
    return chatState([
      turn("t1", question, answer()),
      turn("t2", "And how many does Ava have?", second),
    ]);
  },
  failed: () => {
    const message =
      "The engine process was ended by SIGKILL (often: the machine ran out of memory).";
    const cut = answer({ phase: "interrupted", text: "", end: undefined, error: message });
    return chatState([turn("t1", question, cut)], {
      engine: { kind: "failed", model: "pocket-reasoner", message },
      attachments: [{ id: "f", label: "main.ts:10–24", language: "typescript", text: "x" }],
    });
  },
};

export type StateName = keyof typeof states;
