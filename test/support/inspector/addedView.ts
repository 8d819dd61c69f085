/** A view that a test adds: nothing but a file like this one and a row in the table. */
import type { Scene } from "../../../webview/inspector/scene/scene";
import type { State } from "../../../webview/inspector/state/state";

export function lengths({ run, tokens }: Readonly<State>): Scene {
  return {
    sentence: `${tokens} of ${run.tokens} tokens`,
    plots: [
      {
        x: { domain: [0, run.tokens] },
        y: { domain: [1, 0], labels: { values: [{ at: 1, text: "so far" }] } },
        layers: [{ name: "length", marks: [{ mark: "box", x: [0, tokens], look: "held" }] }],
        below: [{ name: "unit", words: [{ at: "end", text: "tokens" }] }],
        at: (x) => ({ moment: x }),
      },
    ],
    list: {
      title: "Every tenth token",
      lines: Array.from({ length: Math.ceil(run.tokens / 10) }, (_, index) => {
        return {
          words: `token ${index * 10}`,
          detail: "a tenth",
          target: { position: index * 10 },
        };
      }),
      more: 5,
    },
    table: () => ({ columns: ["tokens", "of"], rows: [[tokens, run.tokens]] }),
  };
}
