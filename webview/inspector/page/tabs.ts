/** The tabs of the page, in one line; those that do not fit go into a menu. */
import { element, setHidden, setText } from "../../common/dom";
import { type ViewName, views } from "../views";
import { fittingTabs } from "./layout";
import { openBeside, popover } from "./popover";

/** “Now”, or a view that has the whole room. */
export type Tab = "now" | ViewName;

const titleOf = (tab: Tab): string => (tab === "now" ? "Now" : views[tab].title);
/** Room for the button of the menu, in pixels. */
const moreWidth = 120;

export class Tabs {
  readonly root: HTMLElement;
  chosen: Tab = "now";
  private readonly list = element("div", { role: "tablist", "aria-label": "Views" });
  private readonly menu = popover({
    class: "menu-items",
    role: "menu",
    "aria-label": "More views",
  });
  private readonly more: HTMLElement;
  private held: Tab[] = [];
  /** Of each tab, once it has been seen. */
  private widths: number[] = [];

  /** @param shown called when another tab was chosen */
  constructor(private readonly shown: () => void) {
    const onclick = () => openBeside(this.menu, this.more);
    const attributes = { class: "tab more", "aria-haspopup": "menu", hidden: true, onclick };
    this.more = element("button", attributes);
    this.root = element("nav", { class: "tabs" }, this.list, this.more, this.menu);
    this.list.addEventListener("keydown", (event) => this.move(event, [...this.list.children]));
    this.menu.addEventListener("keydown", (event) => this.move(event, [...this.menu.children]));
    this.menu.addEventListener("toggle", () => this.enterMenu());
    new ResizeObserver(() => this.fit()).observe(this.root);
  }

  /** Takes these in, in order; a chosen one that is not among them gives way to “Now”. */
  hold(views: readonly ViewName[]): void {
    this.held = ["now", ...views];
    this.list.replaceChildren(...this.held.map((tab) => this.tabOf(tab)));
    this.menu.replaceChildren(...this.held.map((tab) => this.itemOf(tab)));
    this.widths = [];
    if (!this.held.includes(this.chosen)) this.chosen = "now";
    this.mark();
    this.fit();
  }

  /** What stands on “Now” is there, and has no tab. */
  choose(tab: Tab): void {
    this.chosen = this.held.includes(tab) ? tab : "now";
    this.mark();
    this.fit();
    this.shown();
  }

  private tabOf(tab: Tab): HTMLElement {
    const onclick = () => this.choose(tab);
    const controls = tab === "now" ? "stage" : `view-${tab}`;
    const attributes = { class: "tab", role: "tab", "aria-controls": controls, onclick };
    return element("button", attributes, titleOf(tab));
  }

  private itemOf(tab: Tab): HTMLElement {
    const onclick = () => {
      this.menu.hidePopover();
      this.choose(tab);
    };
    return element("button", { role: "menuitemradio", tabindex: -1, onclick }, titleOf(tab));
  }

  private mark(): void {
    this.held.forEach((tab, index) => {
      const isChosen = tab === this.chosen;
      const [button, item] = [this.list, this.menu].map(({ children }) => children[index]);
      button.setAttribute("aria-selected", String(isChosen));
      (button as HTMLElement).tabIndex = isChosen ? 0 : -1;
      item.setAttribute("aria-checked", String(isChosen));
    });
  }

  /** As many tabs as have room; the menu holds the others, and is named after the chosen one. */
  private fit(): void {
    const room = this.root.clientWidth;
    const tabs = [...this.list.children] as HTMLElement[];
    if (room === 0 || tabs.length === 0) return;
    if (this.widths.length === 0) {
      for (const tab of tabs) setHidden(tab, false);
      this.widths = tabs.map((tab) => tab.getBoundingClientRect().width);
    }
    const shown = fittingTabs(this.widths, room, moreWidth);
    tabs.forEach((tab, index) => {
      setHidden(tab, index >= shown);
      setHidden(this.menu.children[index] as HTMLElement, index < shown);
    });
    const isInMenu = this.held.indexOf(this.chosen) >= shown;
    setHidden(this.more, shown === tabs.length);
    setText(this.more, `${isInMenu ? titleOf(this.chosen) : "More"} ▾`);
    this.more.classList.toggle("is-chosen", isInMenu);
  }

  private enterMenu(): void {
    if (this.menu.matches(":popover-open"))
      this.menu.querySelector<HTMLElement>("button:not([hidden])")?.focus();
  }

  /** Arrows go on among those that are there; a tab is chosen as soon as it has the focus. */
  private move(event: KeyboardEvent, all: Element[]): void {
    const forth = event.key === "ArrowRight" || event.key === "ArrowDown";
    if (!forth && event.key !== "ArrowLeft" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    const there = (all as HTMLElement[]).filter(({ hidden }) => !hidden);
    const at = there.indexOf(event.target as HTMLElement);
    const next = there[(at + (forth ? 1 : -1) + there.length) % there.length];
    if (next.role === "tab") next.click();
    next.focus();
  }
}
