import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { cut, LiveView, wrapped } from "../../src/cli/liveView";
import { Screen, type Sink } from "../../src/cli/screen";

/** A screen, and all that it was sent. */
class Recorded extends Screen {
  constructor(private readonly sent: Sink & { text: string }) {
    super(sent);
  }

  get text(): string {
    return this.sent.text;
  }
}

function terminal(columns?: number): Recorded {
  const isTTY = columns !== undefined;
  return new Recorded({
    isTTY,
    columns,
    text: "",
    write(text: string) {
      this.text += text;
    },
  });
}

test("outside of a terminal the text flows as it comes, without any escape", () => {
  const [out, aside] = [terminal(), terminal()];
  const view = new LiveView(out, aside, {});
  view.progress("1 tokens");
  view.text("thinking", "Wait, let");
  view.text("thinking", " me see.\n");
  view.text("answer", "\n44");
  view.finish();
  assert.equal(out.text, "Wait, let me see.\n\n44\n");
  assert.equal(aside.text, "1 tokens\n");
});

test("on a terminal the status is redrawn ten times a second at most, and is gone at the end", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const screen = terminal(40);
  const view = new LiveView(screen, screen, { NO_COLOR: "1" });
  for (let token = 0; token < 100; token++) {
    view.text("thinking", " word");
    view.progress(`${token} tokens`);
    mock.timers.tick(10);
  }
  const draws = screen.text.split(" tokens").length - 1;
  assert.ok(draws >= 9 && draws <= 10, `${draws} redraws in a second`);
  view.finish();
  mock.timers.reset();
  const shown = lastScreen(screen.text);
  assert.equal(shown.replace(/\s+/g, " ").trim(), "word ".repeat(100).trim());
  assert.ok(shown.split("\n").every((line) => line.length < 40));
});

test("thinking is dim, unless NO_COLOR asks for none", () => {
  for (const [environment, expected] of [
    [{}, "\u001b[2mhm"],
    [{ NO_COLOR: "1" }, "hm"],
  ] as const) {
    const [out, aside] = [terminal(80), terminal()];
    const view = new LiveView(out, aside, environment);
    view.text("thinking", "hm");
    view.finish();
    assert.ok(out.text.startsWith(expected));
  }
});

test("a model cannot steer the terminal, nor fake a line of ours", () => {
  const [out, aside] = [terminal(), terminal()];
  const view = new LiveView(out, aside, {});
  view.text("answer", "a\u001b[2Jb\u0007c\u009bd\r\n\te");
  view.notice("model\nTrace: fake\u202e");
  view.finish();
  assert.equal(out.text, "a⟨U+001B⟩[2Jb⟨U+0007⟩c⟨U+009B⟩d\n\te\n");
  assert.equal(aside.text, "model⏎Trace: fake⟨U+202E⟩\n");
});

test("a joiner stays where it stands between two letters, also when they come one by one", () => {
  const [out, aside] = [terminal(), terminal()];
  const view = new LiveView(out, aside, {});
  for (const piece of ["می", "\u200cخواهم", " a", "\u200db"]) view.text("answer", piece);
  view.finish();
  assert.equal(out.text, "می\u200cخواهم a⟨U+200D⟩b\n");
});

test("a narrow terminal sees the first figures whole", () => {
  const status = "12 tokens · 8 held per layer · 4 evicted";
  assert.equal(cut(status, 80), status);
  assert.equal(cut(status, 35), "12 tokens · 8 held per layer");
  assert.equal(cut(status, 5), "12 to");
});

test("lines break at spaces, and long words anywhere", () => {
  assert.deepEqual(wrapped("Ned has 32 cards", 8), ["Ned has", "32 cards"]);
  assert.deepEqual(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
});

/** What is left on screen once every “erase line” and “one line up” was obeyed. */
function lastScreen(text: string): string {
  const lines = [""];
  const pieces = text.replaceAll("\u001b", "⎋").matchAll(/⎋\[2K|⎋\[1A|\r|\n|[^⎋\r\n]+/g);
  for (const [piece] of pieces) {
    if (piece === "⎋[2K") lines[lines.length - 1] = "";
    else if (piece === "⎋[1A") lines.pop();
    else if (piece === "\n") lines.push("");
    else if (piece !== "\r") lines[lines.length - 1] += piece;
  }
  return lines.join("\n");
}
