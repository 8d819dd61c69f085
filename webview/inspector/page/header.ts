import type { InspectorAbilities } from "../../../src/shared/wire/inspectorApi";
import { formatBudget } from "../../../src/shared/settings/settings";
import { element, setText } from "../../common/dom";
import type { State } from "../state/state";
import type { Context } from "../view";

export interface HeaderActions {
  play: () => void;
  compare: () => void;
  /** Begins a replay, or cancels the one that is under way. */
  replay: () => void;
  save: () => void;
  chain: (chain: number) => void;
}

/** Title, what was run and how, which layer and head the score views explain, and what can be done. */
export function header(
  { store }: Context,
  abilities: InspectorAbilities,
  isReplaying: () => boolean,
  actions: HeaderActions,
) {
  const chips = element("div", { class: "chips" });
  const chainPick = picker("Chain", actions.chain);
  const layerPick = picker("Layer", (layer) => store.update({ layer, supposed: {} }));
  const headPick = picker("KV head", (head) => store.update({ head, supposed: {} }));
  const action = (label: string, onclick: () => void) =>
    element("button", { class: "link", onclick }, label);
  const replay = action("Replay with full cache", actions.replay);
  const root = element(
    "header",
    { class: "top" },
    element("h1", {}, "Cache inspector"),
    chips,
    element("div", { class: "picks" }, chainPick.root, layerPick.root, headPick.root),
    element(
      "div",
      { class: "actions" },
      action("▶ Play", actions.play),
      abilities.compare && action("Compare…", actions.compare),
      abilities.replay && replay,
      action("Save as page", actions.save),
    ),
  );
  return {
    root,
    draw() {
      const { run, layer, head } = store.state;
      const words = chipWords(store.state);
      if (chips.childElementCount !== words.length || chips.textContent !== words.join(""))
        chips.replaceChildren(...words.map((word) => element("span", { class: "chip" }, word)));
      setText(replay, isReplaying() ? "Cancel replay" : "Replay with full cache");
      chainPick.root.hidden = run.header.chains === 1;
      chainPick.show(run.header.chains, run.chain);
      layerPick.show(run.header.layers, layer);
      headPick.show(run.header.kvHeads, head);
    },
  };
}

/** What was run and how, as it stands at the moment. */
export function chipWords({ run, tokens }: Readonly<State>): string[] {
  const settings = run.settings.findLast(({ position }) => position <= tokens) ?? run.settings[0];
  const name = `${run.header.model} · ${run.header.device}`;
  if (!settings) return [name];
  const { policy, budget, buffer, lambda, window, pinPrompt } = settings.cache;
  if (policy === "full") return [name, "full cache"];
  return [
    name,
    `${policy} ${formatBudget(budget)} + ${buffer}`,
    ...(policy === "rkv" ? [`λ ${lambda}`] : []),
    `window ${window}`,
    pinPrompt ? "prompt pinned" : "prompt not pinned",
  ];
}

function picker(label: string, choose: (value: number) => void) {
  const list = element("select", { "aria-label": label });
  list.addEventListener("change", () => choose(list.selectedIndex));
  return {
    root: element("label", {}, `${label} `, list),
    show(choices: number, chosen: number) {
      if (list.options.length !== choices)
        list.replaceChildren(
          ...Array.from({ length: choices }, (_, value) => element("option", {}, String(value))),
        );
      if (list.selectedIndex !== chosen) list.selectedIndex = chosen;
    },
  };
}
