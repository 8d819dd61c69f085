import type { InspectorAbilities } from "../../../src/shared/wire/inspectorApi";
import { element, setText } from "../../common/dom";
import { settingWords } from "../model/runWords";
import type { Store } from "../state/state";
import { exportButton } from "./exportMenu";

export interface HeaderActions {
  play: () => void;
  compare: () => void;
  /** Begins a replay, or cancels the one that is under way. */
  replay: () => void;
  save: () => void;
  exportFigure: () => void;
  chain: (chain: number) => void;
}

/** Title, what was run and how, which layer and head the score views explain, and what can be done. */
export class Header {
  readonly root: HTMLElement;
  private readonly chips = element("div", { class: "chips" });
  private readonly chain: Picker;
  private readonly layer: Picker;
  private readonly head: Picker;
  private readonly replay: HTMLElement;

  constructor(
    private readonly store: Store,
    abilities: InspectorAbilities,
    private readonly isReplaying: () => boolean,
    { play, compare, replay, save, exportFigure, chain }: HeaderActions,
  ) {
    this.chain = new Picker("Chain", chain);
    this.layer = new Picker("Layer", (layer) => store.update({ layer, supposed: {} }));
    this.head = new Picker("KV head", (head) => store.update({ head, supposed: {} }));
    this.replay = action("Replay with full cache", replay);
    const picks = [this.chain, this.layer, this.head].map(({ root }) => root);
    this.root = element(
      "header",
      { class: "top" },
      element("h1", {}, "Cache inspector"),
      this.chips,
      element("div", { class: "picks" }, ...picks),
      element(
        "div",
        { class: "actions" },
        action("▶ Play", play),
        abilities.compare && action("Compare…", compare),
        abilities.replay && this.replay,
        exportButton(exportFigure),
        action("Save as page", save),
      ),
    );
  }

  draw(): void {
    const { run, tokens, layer, head } = this.store.state;
    const { chips, chain } = this;
    const words = settingWords(run, tokens);
    if (chips.childElementCount !== words.length || chips.textContent !== words.join(""))
      chips.replaceChildren(...words.map((word) => element("span", { class: "chip" }, word)));
    chain.root.hidden = run.header.chains === 1;
    chain.show(run.header.chains, run.chain);
    this.layer.show(run.header.layers, layer);
    this.head.show(run.header.kvHeads, head);
    setText(this.replay, this.isReplaying() ? "Cancel replay" : "Replay with full cache");
  }
}

function action(label: string, onclick: () => void): HTMLElement {
  return element("button", { class: "link", onclick }, label);
}

/** A list of numbers to choose from. */
class Picker {
  readonly root: HTMLElement;
  private readonly list: HTMLSelectElement;

  constructor(label: string, choose: (value: number) => void) {
    this.list = element("select", { "aria-label": label });
    this.list.addEventListener("change", () => choose(this.list.selectedIndex));
    this.root = element("label", {}, `${label} `, this.list);
  }

  show(choices: number, chosen: number): void {
    const { list } = this;
    if (list.options.length !== choices)
      list.replaceChildren(
        ...Array.from({ length: choices }, (_, value) => element("option", {}, String(value))),
      );
    if (list.selectedIndex !== chosen) list.selectedIndex = chosen;
  }
}
