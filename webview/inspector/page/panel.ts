import { element, setText } from "../../common/dom";
import { resized } from "../figure";
import { tableElement } from "./tableElement";
import type { View } from "../view";
import type { ViewName } from "../viewNames";

/** A view with its title bar; shows the picture or its table. */
export interface Panel {
  name: ViewName;
  title: string;
  view: View;
  root: HTMLElement;
  /** Draws it if it can be seen. */
  draw(): void;
}

export interface PanelActions {
  png: () => void;
  svg: () => void;
  csv: () => void;
}

export function makePanel(name: ViewName, title: string, view: View, actions: PanelActions): Panel {
  const subtitle = element("span", { class: "subtitle" });
  const holder = element("div", {
    class: "table-holder",
    tabindex: 0,
    role: "region",
    hidden: true,
  });
  holder.setAttribute("aria-label", `${title}, as a table`);
  const toggle = element("button", { class: "tool", "aria-pressed": "false" }, "Table");
  const body = element("div", { class: "panel-body" }, view.root, holder);
  const heading = element("h2", {}, title);
  const tools = element(
    "div",
    { class: "tools" },
    ...(view.tools ?? []),
    toggle,
    exportMenu(title, actions),
  );
  const bar = element("header", { class: "panel-bar" }, heading, subtitle, tools);
  const root = element(
    "section",
    { class: "panel", "data-view": name, "aria-label": title },
    bar,
    body,
  );
  const draw = () => {
    if (root.hidden || !root.isConnected) return;
    if (holder.hidden) view.draw();
    else holder.replaceChildren(tableElement(title, view.table()));
    const words = view.subtitle();
    setText(subtitle, words);
    subtitle.title = words;
  };
  toggle.addEventListener("click", () => {
    holder.hidden = !holder.hidden;
    view.root.hidden = !holder.hidden;
    toggle.setAttribute("aria-pressed", String(!holder.hidden));
    draw();
  });
  body.addEventListener(resized, draw);
  return { name, title, view, root, draw };
}

function exportMenu(title: string, { png, svg, csv }: PanelActions): HTMLElement {
  const summary = element("summary", { class: "tool", "aria-label": `Export ${title}` }, "⋯");
  const menu = element("details", { class: "menu" }, summary);
  const item = (label: string, action: () => void) =>
    element(
      "button",
      {
        onclick: () => {
          menu.open = false;
          action();
        },
      },
      label,
    );
  menu.append(
    element(
      "div",
      { class: "menu-items" },
      item("Save picture (PNG)", png),
      item("Save drawing (SVG)", svg),
      item("Save numbers (CSV)", csv),
    ),
  );
  return menu;
}
