/**
 * A growing text with a status line below it. On a terminal the unfinished last line of the text
 * and the status are redrawn at most ten times a second; elsewhere text and progress just flow.
 */
export interface Terminal {
  write: (text: string) => unknown;
  isTTY?: boolean;
  columns?: number;
}

type Channel = "thinking" | "answer";

const redrawMillis = 100;
const plainProgressMillis = 5_000;
const dim = "\u001b[2m";
const plain = "\u001b[22m";

export class LiveView {
  private readonly drawsText: boolean;
  private readonly drawsStatus: boolean;
  private readonly styled: boolean;
  private status = "";
  /** Text of the line that is not finished. */
  private line = "";
  private channel: Channel | undefined;
  private hasSpoken = false;
  /** Line ends that the text ends with, at most two. */
  private newlines = 0;
  private drawn = "";
  private timer: NodeJS.Timeout | undefined;
  private lastPlainProgress = 0;
  private isFinished = false;

  constructor(
    private readonly out: Terminal,
    private readonly aside: Terminal,
    environment: NodeJS.ProcessEnv,
  ) {
    const isDumb = environment.TERM === "dumb";
    this.drawsStatus = aside.isTTY === true && !isDumb;
    this.drawsText = out.isTTY === true && this.drawsStatus;
    this.styled = out.isTTY === true && !isDumb && !environment.NO_COLOR;
  }

  text(channel: Channel, text: string): void {
    const isTurn = this.channel !== channel;
    const shown = printable(isTurn ? text.trimStart() : text);
    if (shown === "") return;
    if (isTurn && this.hasSpoken) this.say("\n".repeat(2 - this.newlines));
    this.channel = channel;
    this.hasSpoken = true;
    this.newlines = /\n{0,2}$/.exec(shown)?.[0].length ?? 0;
    this.say(shown);
  }

  progress(status: string): void {
    this.status = status;
    if (this.drawsStatus) return this.redrawSoon();
    const now = Date.now();
    if (now - this.lastPlainProgress < plainProgressMillis) return;
    this.lastPlainProgress = now;
    this.aside.write(`${status}\n`);
  }

  /** A sentence that stays on screen. */
  notice(message: string): void {
    this.erase();
    this.aside.write(`${message}\n`);
    this.redrawSoon();
  }

  /** Leaves the text on screen, and nothing of the status. */
  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    clearTimeout(this.timer);
    this.erase();
    if (this.drawsText && this.line !== "") this.out.write(this.styledLine(this.line));
    if (this.hasSpoken && this.newlines === 0) this.out.write("\n");
  }

  private say(text: string): void {
    if (!this.drawsText) {
      this.out.write(this.styledLine(text));
      return;
    }
    const lines = (this.line + text).split("\n").flatMap((line) => wrapped(line, this.columns));
    this.line = lines.pop() ?? "";
    if (lines.length > 0) this.erase();
    for (const line of lines) this.out.write(`${this.styledLine(line)}\n`);
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
    const status = cut(this.status, this.columns);
    const text = this.drawsText && this.line !== "" ? `${this.styledLine(this.line)}\n` : "";
    this.drawn = text === "" ? "one line" : "two lines";
    this.aside.write(`${text}${status}`);
  }

  private erase(): void {
    if (this.drawn !== "") this.aside.write("\r\u001b[2K");
    if (this.drawn === "two lines") this.aside.write("\u001b[1A\u001b[2K");
    this.drawn = "";
  }

  private get columns(): number {
    return Math.max(20, (this.aside.columns ?? 80) - 1);
  }

  private styledLine(text: string): string {
    return this.styled && this.channel === "thinking" ? `${dim}${text}${plain}` : text;
  }
}

/** Model output without control characters: none of it may steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) =>
    control === "\n" || control === "\t" ? control : "",
  );
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
