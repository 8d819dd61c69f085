/** What is done to rendered Markdown once it is elements: code tools, colours, formulas, links. */
import { element } from "../../common/dom";
import type { IconName } from "../../common/icons";
import { iconButton } from "../../common/toolkit";
import type { highlight as Highlight } from "./highlight";
import { sanitise } from "./sanitise";
import type { typeset as Typeset } from "./typeset";

export interface MarkdownActions {
  copy: (text: string) => void;
  /** Absent where there is no editor to insert in. */
  insert?: (text: string) => void;
  /** Asks the person before anything opens. */
  openLink: (address: string) => void;
}

/** Longer code keeps one colour: it is drawn anew with each frame while it streams. */
const longestHighlighted = 20_000;

let highlight: typeof Highlight | undefined;
let typeset: typeof Typeset | undefined;

export function enrich(fragment: DocumentFragment, actions: MarkdownActions): DocumentFragment {
  for (const block of fragment.querySelectorAll("pre")) frameCode(block, actions);
  for (const formula of fragment.querySelectorAll<HTMLElement>(".math"))
    setFormula(formula, formula.textContent);
  for (const link of fragment.querySelectorAll<HTMLElement>("button.link"))
    link.addEventListener("click", () => actions.openLink(link.dataset.address ?? ""));
  for (const table of fragment.querySelectorAll("table")) {
    const frame = element("div", { class: "tableFrame", tabindex: 0, role: "region" });
    frame.setAttribute("aria-label", "Table");
    table.replaceWith(frame);
    frame.append(table);
  }
  return fragment;
}

function frameCode(block: HTMLPreElement, { copy, insert }: MarkdownActions): void {
  const code = block.textContent;
  const language = block.dataset.language ?? "";
  const tools = element("div", { class: "codeTools" });
  // What the block holds by then: it grows while the tools stay.
  const offer = (label: string, name: IconName, act: (text: string) => void) =>
    tools.append(iconButton({ label, icon: name, onClick: () => act(block.textContent) }));
  offer("Copy code", "copy", copy);
  if (insert) offer("Insert at cursor", "insert", insert);
  const frame = element("div", { class: "code" });
  block.replaceWith(frame);
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", language ? `Code in ${language}` : "Code");
  frame.append(
    element("div", { class: "codeHeader" }, element("span", {}, language || "text"), tools),
    block,
  );
  if (language && code.length <= longestHighlighted) colour(block, code, language);
}

function colour(block: HTMLElement, code: string, language: string): void {
  if (!highlight) {
    void import("./highlight").then((loaded) => {
      highlight = loaded.highlight;
      if (block.textContent === code) colour(block, code, language);
    });
    return;
  }
  const html = highlight(code, language.toLowerCase());
  if (html !== undefined) block.firstElementChild?.replaceChildren(sanitise(html));
}

function setFormula(target: HTMLElement, tex: string): void {
  if (!typeset) {
    void import("./typeset").then((loaded) => {
      typeset = loaded.typeset;
      if (target.textContent === tex) setFormula(target, tex);
    });
    return;
  }
  typeset(target, tex, target.dataset.display !== undefined);
}
