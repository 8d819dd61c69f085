import { element, setHidden, setText } from "../../common/dom";
import { icon, type IconName } from "../../common/icons";
import { settingWords } from "../model/runWords";
import { scrub, type Store } from "../state/state";
import { playOrPause } from "./playback";
import { explain } from "./tip";

export interface HeaderActions {
  /** Of what is shown. */
  name: () => string;
  save: () => void;
  exportFigure: () => void;
  chain: (chain: number) => void;
}

/** What was run and how, which layer and head the score views explain, and the moment's buttons. */
export class Header {
  readonly root: HTMLElement;
  private readonly title = element("h1");
  private readonly run = element("span", { class: "run-line", tabindex: 0 });
  private readonly chain: Picker;
  private readonly layer: Picker;
  private readonly head: Picker;
  private readonly play: Action;
  private readonly newest: Action;

  constructor(
    private readonly store: Store,
    private readonly actions: HeaderActions,
  ) {
    const explainedHead = "the layer and KV head that Redundancy, Why and What if explain";
    this.chain = new Picker("Chain", "The chain of this run that is shown", actions.chain, 1);
    this.layer = new Picker("Layer", `Chooses ${explainedHead} (↑ ↓)`, (layer) =>
      store.update({ layer, supposed: {} }),
    );
    this.head = new Picker("KV head", `Chooses ${explainedHead} (H)`, (head) =>
      store.update({ head, supposed: {} }),
    );
    this.play = new Action(() => playOrPause(store));
    this.newest = new Action(() => scrub(store, store.state.run.tokens));
    explain(this.run, () => settingWords(store.state.run, store.state.tokens).join("\n"));
    this.root = this.assembled();
  }

  private assembled(): HTMLElement {
    const save = new Action(this.actions.save);
    save.show("file", "Save as page", "Saves trace and inspector as one HTML file");
    const figure = new Action(this.actions.exportFigure);
    figure.show("export", "Export figure…", "Saves views as they are now, as SVG, PNG or CSV");
    const picks = [this.chain, this.layer, this.head].map(({ root }) => root);
    const buttons = [this.play, this.newest, figure, save].map(({ root }) => root);
    return element(
      "header",
      { class: "top" },
      element("div", { class: "run" }, this.title, this.run),
      element("div", { class: "picks" }, ...picks),
      element("div", { class: "actions" }, ...buttons),
    );
  }

  draw(): void {
    const { run, tokens, layer, head } = this.store.state;
    const { chain } = this;
    const name = this.actions.name();
    setText(this.title, name);
    if (this.title.title !== name) this.title.title = name;
    setText(this.run, settingWords(run, tokens).slice(0, 2).join(" · "));
    setHidden(chain.root, run.header.chains === 1);
    chain.show(run.header.chains, run.chain);
    this.layer.show(run.header.layers, layer);
    this.head.show(run.header.kvHeads, head);
    this.drawMoment();
  }

  private drawMoment(): void {
    const { live, playing, following } = this.store.state;
    if (playing) this.play.show("pause", "Pause", "Stays at this moment (Space)");
    else this.play.show("play", "Play", "Walks from compaction to compaction (Space)");
    const goes = following
      ? "Follows the run while it is written"
      : "Goes to the newest moment, and follows the run (End)";
    if (live) this.newest.show("live", "Live", goes);
    else this.newest.show("end", "End", "Goes to the end of the run (End)");
    this.newest.root.ariaPressed = live ? String(following) : null;
  }
}

/** A button with a drawing and a word, both of which may change. */
export class Action {
  readonly root: HTMLElement;
  private readonly label = element("span");
  private drawn: IconName | undefined;

  constructor(onclick: () => void) {
    this.root = element("button", { class: "button", onclick }, this.label);
  }

  show(name: IconName, label: string, tooltip: string): void {
    if (this.drawn !== name) this.root.replaceChildren(icon(name), this.label);
    this.drawn = name;
    setText(this.label, label);
    if (this.root.title !== tooltip) this.root.title = tooltip;
  }
}

/** A list of numbers to choose from. */
class Picker {
  readonly root: HTMLElement;
  private readonly list: HTMLSelectElement;

  /** @param first how the first one is called: chains are counted from 1 */
  constructor(
    label: string,
    title: string,
    choose: (value: number) => void,
    private readonly first = 0,
  ) {
    this.list = element("select", { "aria-label": label });
    this.list.addEventListener("change", () => choose(this.list.selectedIndex));
    this.root = element("label", { title }, `${label} `, this.list);
  }

  show(choices: number, chosen: number): void {
    const { list } = this;
    if (list.options.length !== choices)
      list.replaceChildren(
        ...Array.from({ length: choices }, (_, value) =>
          element("option", {}, String(this.first + value)),
        ),
      );
    if (list.selectedIndex !== chosen) list.selectedIndex = chosen;
  }
}
