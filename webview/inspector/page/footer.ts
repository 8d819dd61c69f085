import { bytes, count, percent, rate } from "../../common/format";
import type { InspectorAbilities } from "../../../src/shared/wire/inspectorApi";
import { element, setHidden, setText } from "../../common/dom";
import { keyHelp } from "./keyboard";
import { bytesAt } from "../model/moment";
import type { Context } from "../view";
import { tokenWords } from "./tokenWords";

export interface FooterActions {
  copy: () => void;
  reveal: (position: number) => void;
}

/** What is pointed at or selected, in words; the legend; the figures beside the strip. */
export function footer(context: Context, abilities: InspectorAbilities, actions: FooterActions) {
  const { store } = context;
  const words = element("p", { class: "words" });
  const spoken = element("p", { class: "spoken", role: "status" });
  const figures = element("dl", { class: "figures" });
  const help = element("dialog", { class: "help" });
  help.setAttribute("aria-label", "Keys");
  help.append(
    element("h2", {}, "Keys"),
    element(
      "dl",
      {},
      ...keyHelp.flatMap(([keys, effect]) => [element("dt", {}, keys), element("dd", {}, effect)]),
    ),
    element("button", { class: "tool", onclick: () => help.close() }, "Close"),
  );
  const showHelp = () => (help.open ? help.close() : help.showModal());
  const copy = element(
    "button",
    { class: "link", title: "Copies the numbers of the selected tokens", onclick: actions.copy },
    "Copy numbers",
  );
  const reveal = element(
    "button",
    { class: "link", onclick: () => actions.reveal(store.state.selected ?? 0) },
    "Show in chat",
  );
  const root = element(
    "footer",
    { class: "foot" },
    words,
    copy,
    abilities.reveal && reveal,
    spoken,
    legend(),
    element("button", { class: "link", onclick: showHelp }, "? Keys"),
    help,
  );
  return {
    root,
    figures,
    help: showHelp,
    draw() {
      const { hovered, selected, layer } = store.state;
      const position = hovered ?? selected;
      setText(words, position === undefined ? pointed : tokenWords(store, position, layer));
      setText(spoken, selected === undefined ? "" : tokenWords(store, selected, layer));
      for (const button of [copy, reveal]) setHidden(button, selected === undefined);
      drawFigures(context, figures);
    },
  };
}

const pointed = "Point at a token, or click one; Shift-click selects several.";

function legend(): HTMLElement {
  return element(
    "div",
    { class: "legend" },
    element("span", {}, "held by no head"),
    element("span", { class: "ramp" }),
    element("span", {}, "all heads"),
  );
}

function drawFigures({ store }: Context, root: HTMLElement): void {
  const { run } = store.state;
  const { moment } = store;
  const { held, full } = bytesAt(run, moment);
  const figure = run.figures.findLast(({ position }) => position <= moment.tokens);
  const rows: [string, string][] = [
    ["cache held", bytes(held)],
    ["full cache", bytes(full)],
    ["saved", full > 0 ? percent(1 - held / full) : "–"],
    ["tokens", count(moment.tokens)],
    ["compactions", count(moment.compactions)],
    ["speed", figure ? `${rate(figure.tokensPerSecond)} tok/s` : "–"],
  ];
  if (root.childElementCount !== rows.length)
    root.replaceChildren(
      ...rows.map(([name]) => element("div", {}, element("dt", {}, name), element("dd", {}))),
    );
  root.querySelectorAll("dd").forEach((cell, index) => setText(cell, rows[index][1]));
}
