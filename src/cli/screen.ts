/** A stream on which no text steers anything: what would is shown as a mark. */
import { forTerminal, jsonForTerminal } from "../shared/strangersText";

/** What a screen needs of a stream; tests put their own in its place. */
export interface Sink {
  write: (text: string) => unknown;
  isTTY?: boolean;
  columns?: number;
}

const dim = "\u001b[2m";
const plain = "\u001b[22m";
const eraseLine = "\r\u001b[2K";
const lineUp = "\u001b[1A";

export class Screen {
  /** What was written last: joiners at the start of the next text may belong to it. */
  private last = "";

  constructor(private readonly sink: Sink) {}

  get isTerminal(): boolean {
    return this.sink.isTTY === true;
  }

  /** Undefined where there is no terminal. */
  get columns(): number | undefined {
    return this.sink.columns;
  }

  /** One line for each text, whatever the text holds. */
  say(...lines: string[]): void {
    this.sink.write(lines.map((line) => `${forTerminal(line)}\n`).join(""));
  }

  /** Text that has lines of its own. False where a stream asks to wait until it has drained. */
  write(text: string, style?: "dim"): boolean {
    const shown = forTerminal(text, "many", this.last);
    this.last = text;
    return this.sink.write(style ? `${dim}${shown}${plain}` : shown) !== false;
  }

  /** One JSON value in one line. */
  json(value: unknown): void {
    this.sink.write(`${jsonForTerminal(value)}\n`);
  }

  /** Erases the line that the cursor is in, and so many above it. */
  erase(linesAbove: number): void {
    this.sink.write(eraseLine + (lineUp + eraseLine).repeat(linesAbove));
  }
}
