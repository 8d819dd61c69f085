/**
 * A panel over the page, beside what opened it, that Escape or a click elsewhere closes and that
 * gives the keyboard back. Arrow keys move among the buttons of a menu.
 */
import { element } from "../../common/dom";

export interface Popup {
  node: HTMLElement;
  close: () => void;
}

/** `fill` gets the popup that it fills. Opening a second one closes the first. */
export function openPopup(
  anchor: HTMLElement,
  label: string,
  fill: (popup: Popup) => (Node | string)[],
): Popup {
  closeOpen();
  const node = element("div", { class: "popup", role: "dialog", "aria-label": label });
  const events = new AbortController();
  const popup: Popup = {
    node,
    close: () => {
      events.abort();
      node.remove();
      anchor.setAttribute("aria-expanded", "false");
      anchor.focus();
    },
  };
  node.append(...fill(popup));
  document.body.append(node);
  anchor.setAttribute("aria-expanded", "true");
  place(node, anchor);
  listen(popup, anchor, events.signal);
  open = { popup, signal: events.signal };
  focusables(node)[0]?.focus();
  return popup;
}

let open: { popup: Popup; signal: AbortSignal } | undefined;

function closeOpen(): void {
  if (open && !open.signal.aborted) open.popup.close();
}

function listen({ node, close }: Popup, anchor: HTMLElement, signal: AbortSignal): void {
  node.addEventListener("keydown", (event) => onKey(event, node, close), { signal });
  window.addEventListener("resize", close, { signal });
  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      if (target instanceof Node && !node.contains(target) && !anchor.contains(target)) close();
    },
    { signal },
  );
}

function onKey(event: KeyboardEvent, node: HTMLElement, close: () => void): void {
  if (event.key === "Escape") {
    event.stopPropagation();
    close();
  }
  const step = { ArrowDown: 1, ArrowUp: -1, Tab: event.shiftKey ? -1 : 1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const all = focusables(node);
  const now = all.findIndex((item) => item === document.activeElement);
  all[(now + step + all.length) % all.length]?.focus();
}

function focusables(node: HTMLElement): HTMLElement[] {
  const all = node.querySelectorAll<HTMLElement>("button, input, vscode-button, vscode-text-field");
  return [...all].filter((item) => item.offsetParent !== null);
}

const gap = 4;

/** Above the anchor where there is room, else below; never over the window's edges. */
function place(node: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = node;
  const left = Math.min(box.left, window.innerWidth - offsetWidth - gap);
  const isAbove = box.top > window.innerHeight / 2;
  const top = isAbove ? box.top - offsetHeight - gap : box.bottom + gap;
  node.style.left = `${Math.max(gap, left)}px`;
  node.style.top = `${Math.max(gap, top)}px`;
}

export interface MenuItem {
  label: string;
  description?: string;
  detail?: string;
  current?: boolean;
  onChoose: () => void;
}

export function menuItem(popup: Popup, item: MenuItem): HTMLElement {
  const { label, description, detail, current, onChoose } = item;
  const choose = () => {
    popup.close();
    onChoose();
  };
  const made = element(
    "button",
    { type: "button", class: "menuItem", onclick: choose },
    element("span", { class: "menuCheck", "aria-hidden": "true" }, current ? "✓" : ""),
    element("span", { class: "menuLabel" }, label),
    element("span", { class: "menuDescription" }, description),
    element("span", { class: "menuDetail" }, detail),
  );
  if (current !== undefined) made.setAttribute("aria-pressed", String(current));
  return made;
}
