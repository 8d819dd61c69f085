/** The views' places: own ones where the page is wide enough, tabs of one dock for the others. */
import { element } from "../../common/dom";
import type { Context } from "../scene/figure";
import { isEmpty } from "../export/viewPieces";
import { viewNames, type ViewName } from "../views";
import { makeDock, type Dock } from "./dock";
import { docked, layoutFor } from "./layout";
import { Panel, type PanelActions } from "./panel";

export class Stage {
  readonly root = element("div", { class: "stage" });
  private readonly panels: ReadonlyMap<ViewName, Panel>;
  private readonly dock: Dock;

  constructor(
    private readonly page: HTMLElement,
    context: Context,
    actionsOf: (panel: () => Panel) => PanelActions,
  ) {
    this.dock = makeDock(() => this.draw());
    const panelOf = (name: ViewName): Panel => {
      const panel: Panel = new Panel(
        name,
        context,
        actionsOf(() => panel),
      );
      return panel;
    };
    this.panels = new Map(viewNames.map((name) => [name, panelOf(name)]));
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

  /** Brings a view that has no place of its own to the front. */
  show(name: ViewName): void {
    this.dock.choose(name);
  }

  draw(): void {
    for (const panel of this.panels.values()) panel.draw();
  }

  /** Gives every view its place at the page's present width. */
  arrange(): void {
    const layout = layoutFor(this.page.clientWidth);
    if (this.page.dataset.layout === layout.name) return;
    this.page.dataset.layout = layout.name;
    const named = (name: ViewName) => this.panels.get(name) ?? [];
    const own = layout.placed.flatMap(named);
    for (const { root } of own) root.hidden = false;
    this.root.replaceChildren(...own.map(({ root }) => root), this.dock.root);
    this.dock.hold(docked(layout, viewNames).flatMap(named));
    this.draw();
  }
}
