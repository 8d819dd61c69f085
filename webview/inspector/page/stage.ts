/** Every view in its place: side by side on the first tab, or alone on one of its own. */
import { element, setHidden } from "../../common/dom";
import type { Context } from "../scene/figure";
import { isEmpty } from "../export/viewPieces";
import { viewNames, viewsFor, type ViewName } from "../views";
import { alone, layoutFor, tabbed, type Layout } from "./layout";
import { Panel, type PanelActions } from "./panel";
import { Tabs } from "./tabs";

export class Stage {
  readonly root = element("div", { class: "stage", id: "stage" });
  readonly tabs = new Tabs(() => this.showChosen());
  private readonly panels: ReadonlyMap<ViewName, Panel>;
  private layout: Layout | undefined;
  /** Layout and tabs, by their names. */
  private arranged = "";

  constructor(
    private readonly page: HTMLElement,
    private readonly context: Context,
    actionsOf: (panel: () => Panel) => PanelActions,
  ) {
    const panelOf = (name: ViewName): Panel => {
      const panel: Panel = new Panel(
        name,
        context,
        actionsOf(() => panel),
      );
      return panel;
    };
    this.panels = new Map(viewNames.map((name) => [name, panelOf(name)]));
    this.root.append(...[...this.panels.values()].map(({ root }) => root));
  }

  panelNamed(name: string | undefined): Panel | undefined {
    return this.panels.get(name as ViewName);
  }

  /** The views that can be seen and show something. */
  get inSight(): ViewName[] {
    return [...this.panels.values()]
      .filter(({ root, figure: { scene } }) => root.checkVisibility() && scene && !isEmpty(scene))
      .map(({ name }) => name);
  }

  drawn(): Iterable<Panel> {
    return this.panels.values();
  }

  /** Brings a view to the front. */
  show(name: ViewName): void {
    this.tabs.choose(name);
  }

  draw(): void {
    for (const panel of this.panels.values()) panel.draw();
  }

  /** Gives every view of the run its place at the page's present width. */
  arrange(): void {
    const layout = layoutFor(this.page.clientWidth);
    const tabs = tabbed(layout, viewsFor(this.context.store.state.run));
    const arranged = [layout.name, ...tabs].join(" ");
    if (this.arranged === arranged) return;
    this.arranged = arranged;
    this.layout = layout;
    this.page.dataset.layout = layout.name;
    this.tabs.hold(tabs);
    this.showChosen();
  }

  private showChosen(): void {
    const { chosen } = this.tabs;
    if (!this.layout) return;
    const { areas, columns, rows } = chosen === "now" ? this.layout : alone(chosen);
    const shown = new Set(areas.flat());
    for (const [name, { root }] of this.panels) setHidden(root, !shown.has(name));
    Object.assign(this.root.style, {
      gridTemplateAreas: areas.map((row) => `"${row.join(" ")}"`).join(" "),
      gridTemplateColumns: tracks(columns),
      gridTemplateRows: tracks(rows),
    });
    this.draw();
  }
}

const tracks = (shares: readonly number[]): string =>
  shares.map((share) => `minmax(0, ${share}fr)`).join(" ");
