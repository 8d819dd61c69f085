import type { TraceReader } from "../../../src/shared/trace/reader";
import { element, setHidden, setText } from "../../common/dom";
import { count } from "../../../src/shared/units";
import { neverFired } from "../model/runWords";
import type { Store } from "../state/state";

/** What can be done about something that is said. */
interface Action {
  label: string;
  does: () => void;
}

/** Sentences that must not be missed: a cut file, compression that never fired. */
export class Banners {
  readonly root: HTMLElement;
  private readonly lines = element("div", { role: "status" });
  private readonly progress = element("progress", { max: 1, "aria-label": "Reading the trace" });
  private readonly action = element("button", { class: "button" });
  private readonly buttons: HTMLElement;
  private said = "";
  private shown = "";

  constructor(
    private readonly store: Store,
    private readonly reader: () => TraceReader,
  ) {
    const attributes = { class: "button", title: "Takes this line away", "aria-label": "Close" };
    const close = element("button", { ...attributes, onclick: () => this.say("") }, "✕");
    this.buttons = element("span", { class: "buttons" }, this.action, close);
    this.root = element("div", { class: "banners" }, this.progress, this.lines);
  }

  /** Says something until the next thing or until it is closed; nothing for an empty text. */
  say(words: string, action?: Action): void {
    this.said = words;
    setHidden(this.action, action === undefined);
    setText(this.action, action?.label ?? "");
    this.action.onclick = () => {
      this.say("");
      action?.does();
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
