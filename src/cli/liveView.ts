/**
 * A growing text with a status line below it. On a terminal the unfinished last line of the text
 * and the status are redrawn at most ten times a second; elsewhere text and progress just flow.
 */
import { forTerminal } from "../shared/strangersText";
import type { Screen } from "./screen";

type Channel = "thinking" | "answer";

const redrawMillis = 100;
const plainProgressMillis = 5_000;

export class LiveView {
  private readonly drawsText: boolean;
  private readonly drawsStatus: boolean;
  private readonly styled: boolean;
  private status = "";
  /** The last piece of the text as it came, which the next one goes on from. */
  private said = "";
  /** Text of the line that is not finished. */
  private line = "";
  private channel: Channel | undefined;
  private hasSpoken = false;
  /** Line ends that the text ends with, at most two. */
  private newlines = 0;
  private drawn: "nothing" | "one line" | "two lines" = "nothing";
  private timer: NodeJS.Timeout | undefined;
  private lastPlainProgress = 0;
  private isFinished = false;

  constructor(
    private readonly out: Screen,
    private readonly aside: Screen,
    environment: NodeJS.ProcessEnv,
  ) {
    const isDumb = environment.TERM === "dumb";
    this.drawsStatus = aside.isTerminal && !isDumb;
    this.drawsText = out.isTerminal && this.drawsStatus;
    this.styled = out.isTerminal && !isDumb && !environment.NO_COLOR;
  }

  text(channel: Channel, text: string): void {
    const isTurn = this.channel !== channel;
    const shown = forTerminal(isTurn ? text.trimStart() : text, "many", this.said);
    if (shown === "") return;
    this.said = text;
    if (isTurn && this.hasSpoken) this.say("\n".repeat(2 - this.newlines));
    this.channel = channel;
    this.hasSpoken = true;
    this.newlines = /\n{0,2}$/.exec(shown)?.[0].length ?? 0;
    this.say(shown);
  }

  progress(status: string): void {
    this.status = forTerminal(status);
    if (this.drawsStatus) return this.redrawSoon();
    const now = Date.now();
    if (now - this.lastPlainProgress < plainProgressMillis) return;
    this.lastPlainProgress = now;
    this.aside.say(status);
  }

  /** A sentence that stays on screen. */
  notice(message: string): void {
    this.erase();
    this.aside.say(message);
    this.redrawSoon();
  }

  /** Leaves the text on screen, and nothing of the status. */
  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    clearTimeout(this.timer);
    this.erase();
    if (this.drawsText && this.line !== "") this.show(this.out, this.line);
    if (this.hasSpoken && this.newlines === 0) this.out.write("\n");
  }

  private say(text: string): void {
    if (!this.drawsText) {
      this.show(this.out, text);
      return;
    }
    const lines = (this.line + text).split("\n").flatMap((line) => wrapped(line, this.columns));
    this.line = lines.pop() ?? "";
    if (lines.length > 0) this.erase();
    for (const line of lines) this.show(this.out, `${line}\n`);
    this.redrawSoon();
  }

  private redrawSoon(): void {
    if (!this.drawsStatus || this.isFinished) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.redraw();
    }, redrawMillis);
  }

  private redraw(): void {
    this.erase();
    const hasLine = this.drawsText && this.line !== "";
    if (hasLine) this.show(this.aside, `${this.line}\n`);
    this.aside.write(cut(this.status, this.columns));
    this.drawn = hasLine ? "two lines" : "one line";
  }

  private erase(): void {
    if (this.drawn !== "nothing") this.aside.erase(this.drawn === "two lines" ? 1 : 0);
    this.drawn = "nothing";
  }

  private get columns(): number {
    return Math.max(20, (this.aside.columns ?? 80) - 1);
  }

  private show(screen: Screen, text: string): void {
    screen.write(text, this.styled && this.channel === "thinking" ? "dim" : undefined);
  }
}

/** The line in pieces of at most `width` characters, broken at spaces where there are any. */
export function wrapped(line: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const end = space > 0 ? space : width;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...pieces, rest];
}

/** As many whole parts of “a · b · c” as fit. */
export function cut(status: string, width: number): string {
  const parts = status.split(" · ");
  while (parts.length > 1 && parts.join(" · ").length > width) parts.pop();
  return parts.join(" · ").slice(0, width);
}
