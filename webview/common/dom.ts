/**
 * Elements without a framework: `element("p", { class: "hint" }, "text", child)`. What a text hides is
 * made visible, since any text may be a model's or a file's.
 */
import { visibleText } from "../../src/shared/strangersText";

type Child = Node | string | undefined | false;

type Handlers = {
  [K in keyof HTMLElementEventMap as `on${K}`]?: (event: HTMLElementEventMap[K]) => void;
};

/** Attributes by name; true stands for an attribute without value, false and undefined for none. */
export type Attributes = Handlers & Record<string, unknown>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K];
export function element(tag: string, attributes?: Attributes, ...children: Child[]): HTMLElement;
export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  const shown = children.filter((child) => child !== undefined && child !== false);
  made.append(...shown.map((child) => (typeof child === "string" ? visibleText(child) : child)));
  return made;
}

function setAttribute(target: HTMLElement, name: string, value: unknown): void {
  if (typeof value === "function")
    target.addEventListener(name.slice(2), (event) => void Reflect.apply(value, target, [event]));
  else if (value === true) target.setAttribute(name, "");
  else if (typeof value === "string" || typeof value === "number")
    target.setAttribute(name, String(value));
}

/** Sets the text where it differs, so that nothing is painted or read out for nothing. */
export function setText(target: Node, text: string): void {
  const shown = visibleText(text);
  if (target.textContent !== shown) target.textContent = shown;
}

export function setHidden(target: HTMLElement, hidden: boolean): void {
  if (target.hidden !== hidden) target.hidden = hidden;
}
