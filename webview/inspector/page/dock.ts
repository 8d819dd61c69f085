import { element } from "../../common/dom";
import type { Panel } from "./panel";
import type { ViewName } from "../views";

/** Panels that share a place: one tab each. */
export interface Dock {
  root: HTMLElement;
  /** Takes these panels in, in order, and shows the one that was last chosen. */
  hold(panels: Panel[]): void;
  choose(name: ViewName): void;
}

export function makeDock(shown: () => void): Dock {
  const tabs = element("div", { class: "tabs", role: "tablist", "aria-label": "Views" });
  const place = element("div", { class: "dock-place" });
  const root = element("div", { class: "dock" }, tabs, place);
  let held: Panel[] = [];
  let chosen: ViewName | undefined;

  function choose(name: ViewName): void {
    chosen = name;
    const current = held.find((panel) => panel.name === name) ?? held[0];
    for (const panel of held) panel.root.hidden = panel !== current;
    tabs.querySelectorAll<HTMLElement>("[role=tab]").forEach((tab, index) => {
      const isCurrent = held[index] === current;
      tab.setAttribute("aria-selected", String(isCurrent));
      tab.tabIndex = isCurrent ? 0 : -1;
      if (isCurrent) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    shown();
  }

  tabs.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = held.findIndex((panel) => !panel.root.hidden);
    const next = (at + step + held.length) % held.length;
    choose(held[next].name);
    (tabs.children[next] as HTMLElement).focus();
  });

  return {
    root,
    choose,
    hold(panels) {
      held = panels;
      tabs.replaceChildren(...panels.map((panel) => tabOf(panel, choose)));
      place.replaceChildren(...panels.map((panel) => panel.root));
      if (panels.length > 0) choose(chosen ?? panels[0].name);
    },
  };
}

function tabOf({ name, title, root }: Panel, choose: (name: ViewName) => void): HTMLElement {
  root.id = `view-${name}`;
  const tab = element("button", { role: "tab", "aria-controls": root.id }, title);
  tab.addEventListener("click", () => choose(name));
  return tab;
}
