import type { TraceReader } from "../../../src/shared/trace/reader";
import { element, setHidden } from "../../common/dom";
import { count } from "../../../src/shared/units";
import { neverFired } from "../model/runWords";
import type { Store } from "../state/state";

/** Sentences that must not be missed: a cut file, compression that never fired. */
export class Banners {
  readonly root: HTMLElement;
  private readonly lines = element("div", { role: "status" });
  private readonly progress = element("progress", { max: 1, "aria-label": "Reading the trace" });
  private readonly again: HTMLElement;
  private readonly buttons: HTMLElement;
  private said = "";
  private shown = "";
  private retry: () => void = () => undefined;

  constructor(
    private readonly store: Store,
    private readonly reader: () => TraceReader,
  ) {
    this.again = element("button", { class: "link", onclick: () => this.retry() }, "Try again");
    const onclick = () => this.say("");
    const close = element("button", { class: "tool", "aria-label": "Close", onclick }, "✕");
    this.buttons = element("span", { class: "buttons" }, this.again, close);
    this.root = element("div", { class: "banners" }, this.progress, this.lines);
  }

  /**
   * Says something until the next thing or until it is closed; nothing for an empty text.
   *
   * @param action what failed, where it can be tried again
   */
  say(words: string, action?: () => void): void {
    this.said = words;
    setHidden(this.again, action === undefined);
    this.retry = () => {
      this.say("");
      action?.();
    };
    this.draw();
  }

  draw(): void {
    const { run, live } = this.store.state;
    const { bytes, of, problem } = this.reader().recovery;
    setHidden(this.progress, bytes === of || problem !== undefined || live);
    this.progress.value = bytes / of;
    const cut = `${count(bytes)} of ${count(of)} bytes could be read. ${problem ?? ""}`;
    const isCut = problem !== undefined && !live;
    const words = [this.said, isCut ? cut : "", neverFired(run) ?? ""].filter(Boolean);
    if (words.join("\n") === this.shown) return;
    this.shown = words.join("\n");
    this.lines.replaceChildren(...words.map((line) => this.lineOf(line)));
  }

  private lineOf(line: string): HTMLElement {
    return element("p", {}, element("span", {}, line), line === this.said && this.buttons);
  }
}
