/** How a view is read: three lines and a small picture, behind its “?”. */
import { element } from "../../common/dom";
import { Figure, resized, type Context } from "../scene/figure";
import { views, type ViewName } from "../views";
import { helpPictures } from "./helpPictures";
import { openBeside, popover } from "./popover";

export function helpButton(name: ViewName, context: Context): HTMLElement {
  const { title } = views[name];
  const label = `How to read ${title}`;
  const help = popover({ class: "help", role: "dialog", "aria-label": label });
  const onclick = (): void => {
    if (help.childElementCount === 0) help.append(...contentsOf(name, context));
    openBeside(help, button);
  };
  const attributes = { class: "ask", "aria-label": label, title: label, onclick };
  const button = element("button", attributes, "?");
  return element("span", {}, button, help);
}

function contentsOf(name: ViewName, context: Context): HTMLElement[] {
  const { title, help } = views[name];
  const lines = help.map((line) => element("li", {}, line));
  return [element("h3", {}, title), ...pictureOf(name, context), element("ul", {}, ...lines)];
}

/** Drawn as the view itself is, of something made up. */
function pictureOf(name: ViewName, context: Context): HTMLElement[] {
  const scene = helpPictures[name];
  if (!scene) return [];
  const label = `A small picture of ${views[name].title}`;
  const figure = new Figure({ label, view: () => scene }, context);
  figure.root.removeAttribute("tabindex");
  figure.root.setAttribute("role", "img");
  figure.root.addEventListener(resized, () => figure.draw());
  return [figure.root];
}
