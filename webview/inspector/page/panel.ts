import { element, setText } from "../../common/dom";
import { Figure, resized, type Context } from "../scene/figure";
import { attachHand, choose } from "../scene/hand";
import { ListPane } from "../scene/list";
import type { Arrow, List } from "../scene/scene";
import { listTable } from "../scene/table";
import { views, type ViewName } from "../views";
import { Controls } from "./controls";
import { exportIcon, type OnScreen } from "./exportMenu";
import { tableElement } from "./tableElement";

export interface PanelActions {
  exportFigure: () => void;
}

/** A view with its title bar; shows the picture or its table. */
export class Panel {
  readonly title: string;
  readonly figure: Figure;
  readonly root: HTMLElement;
  private readonly subtitle = element("span", { class: "subtitle" });
  private readonly holder: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly controls: Controls;
  private readonly list: ListPane;
  private readonly body = element("div", { class: "panel-body" });

  constructor(
    readonly name: ViewName,
    private readonly context: Context,
    actions: PanelActions,
  ) {
    this.title = views[name].title;
    this.figure = new Figure(views[name], context);
    attachHand(this.figure, context.store);
    this.controls = new Controls(context.store);
    this.list = new ListPane(context.store);
    const label = `${this.title}, as a table`;
    const region = { class: "table-holder", tabindex: 0, role: "region", hidden: true };
    this.holder = element("div", { ...region, "aria-label": label });
    const turn = () => this.turn();
    this.toggle = element(
      "button",
      { class: "tool", "aria-pressed": "false", onclick: turn },
      "Table",
    );
    this.root = this.assembled(actions);
  }

  private assembled(actions: PanelActions): HTMLElement {
    const { title, name, body } = this;
    body.append(this.figure.root, this.list.root, this.holder);
    body.addEventListener(resized, () => this.draw());
    const tools = element(
      "div",
      { class: "tools" },
      this.controls.tools,
      this.toggle,
      exportIcon(title, actions.exportFigure),
    );
    const bar = element(
      "header",
      { class: "panel-bar" },
      element("h2", {}, title),
      this.subtitle,
      tools,
    );
    const attributes = { class: "panel", "data-view": name, "aria-label": title };
    return element("section", attributes, bar, this.controls.sliders, body);
  }

  /** Between picture and table. */
  private turn(): void {
    const { holder, figure } = this;
    holder.hidden = !holder.hidden;
    figure.root.hidden = !holder.hidden;
    this.toggle.setAttribute("aria-pressed", String(!holder.hidden));
    if (!holder.hidden) this.fillTable();
    this.draw();
  }

  private fillTable(): void {
    const { table, list } = this.figure.now();
    this.holder.replaceChildren(
      tableElement(this.title, table()),
      ...(list ? [tableElement(list.title, listTable(list))] : []),
    );
  }

  get takesTime(): boolean {
    return this.figure.takesTime;
  }

  /** Draws it if it can be seen. */
  draw(): void {
    const { root, figure, holder, subtitle } = this;
    if (root.hidden || !root.isConnected) return;
    const before = figure.scene;
    if (holder.hidden) figure.draw();
    else if (figure.now() !== before) this.fillTable();
    const scene = figure.now();
    this.showList(scene.list);
    this.controls.show(scene.controls ?? []);
    setText(subtitle, scene.sentence);
    if (subtitle.title !== scene.sentence) subtitle.title = scene.sentence;
  }

  /** Beside the picture: a table has the lines in it. */
  private showList(list: List | undefined): void {
    const shown = this.holder.hidden ? list : undefined;
    this.list.show(shown);
    this.body.classList.toggle("is-listed", shown !== undefined);
  }

  /** Undefined where it has not been drawn. */
  get onScreen(): OnScreen | undefined {
    const { picture, first } = this.figure;
    return picture && { size: picture.size, first };
  }

  /** Goes where an arrow key leads in this view; false where it leads nowhere. */
  follow(key: string): boolean {
    const target = this.figure.scene?.arrows?.[key as Arrow];
    if (target) choose(this.context.store, target);
    return target !== undefined;
  }
}
