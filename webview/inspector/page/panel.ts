import { element, setHidden, setText } from "../../common/dom";
import { Figure, resized, type Context } from "../scene/figure";
import { attachHand, choose } from "../scene/hand";
import { InsteadElement } from "../scene/insteadElement";
import { ListPane } from "../scene/list";
import type { Arrow, List, Scene } from "../scene/scene";
import { listTable } from "../scene/table";
import type { Run } from "../model/run";
import { scrub } from "../state/state";
import { views, type ViewName } from "../views";
import { Controls } from "./controls";
import { exportIcon, type OnScreen } from "./exportMenu";
import { helpButton } from "./help";
import { Sentence } from "./sentence";
import { tableElement } from "./tableElement";

export interface PanelActions {
  exportFigure: () => void;
}

/** A picture is kept for so long while the next one is being read. */
const keptMillis = 250;

/** A view with its title, what it says, and the picture or its table. */
export class Panel {
  readonly title: string;
  readonly figure: Figure;
  readonly root: HTMLElement;
  private readonly sentence = new Sentence();
  private readonly asideWords = element("span");
  private readonly aside: HTMLElement;
  /** What is not there beside the picture that is. */
  private readonly also: InsteadElement;
  private readonly holder: HTMLElement;
  private readonly toggle: HTMLElement;
  private readonly controls: Controls;
  private readonly list: ListPane;
  private readonly body = element("div", { class: "panel-body" });
  /** The run that was drawn last, and since when its picture waits for the next one. */
  private drawnOf: Run | undefined;
  private keptSince: number | undefined;

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
    const tooltip = "Shows the numbers instead of the picture";
    const attributes = { class: "button", title: tooltip, "aria-pressed": "false", onclick: turn };
    this.toggle = element("button", attributes, "Table");
    this.also = new InsteadElement(context.acts);
    this.aside = this.makeAside();
    this.root = this.assembled(actions);
  }

  private assembled(actions: PanelActions): HTMLElement {
    const { name, title, body, controls } = this;
    body.append(this.figure.root, this.list.root, this.holder);
    body.addEventListener(resized, () => this.draw());
    const tools = [controls.tools, this.toggle, exportIcon(title, actions.exportFigure)];
    const bar = element(
      "header",
      { class: "panel-bar" },
      element("h2", {}, title),
      helpButton(name, this.context),
      element("div", { class: "tools" }, ...tools),
    );
    const words = element("div", { class: "said" }, this.aside, this.sentence.root);
    const said = [words, controls.sliders, this.also.root];
    const root = element(
      "section",
      { class: "panel", id: `view-${name}`, "data-view": name, "aria-label": title },
      bar,
      element("div", { class: "panel-rest" }, ...said, body),
    );
    root.style.gridArea = name;
    return root;
  }

  /** Says that another compaction is looked at than the last one before the moment. */
  private makeAside(): HTMLElement {
    const title = "Moves the moment to this compaction, in all views";
    const onclick = () => this.goAside();
    const go = element("button", { class: "button", title, onclick }, "Go there");
    return element("p", { class: "aside", hidden: true }, this.asideWords, go);
  }

  private goAside(): void {
    const { store } = this.context;
    const compaction = store.state.run.compactions[this.figure.scene?.aside ?? -1];
    if (compaction) scrub(store, compaction.position);
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
    const { root, figure, holder } = this;
    if (root.hidden || !root.isConnected) return;
    const before = figure.scene;
    if (this.waits()) return;
    if (holder.hidden) figure.draw();
    else if (figure.now() !== before) this.fillTable();
    const scene = figure.now();
    this.showList(scene.list);
    this.controls.show(scene.controls ?? []);
    this.say(scene);
  }

  /** Keeps the picture for a moment while the next one is being read: to empty it would only flash. */
  private waits(): boolean {
    const { figure, holder, context } = this;
    const { run } = context.store.state;
    const { instead, plots } = figure.now();
    const isSoon = plots.length === 0 && instead?.isSoon;
    if (!isSoon || !holder.hidden || this.drawnOf !== run) {
      this.keptSince = undefined;
      this.drawnOf = run;
      return false;
    }
    const now = performance.now();
    this.keptSince ??= now;
    const left = this.keptSince + keptMillis - now;
    if (left > 0) setTimeout(() => this.draw(), left);
    return left > 0;
  }

  private say({ sentence, aside, plots, instead }: Scene): void {
    this.sentence.show(sentence);
    setHidden(this.aside, aside === undefined);
    if (aside !== undefined) setText(this.asideWords, `a look aside: compaction ${aside + 1}`);
    this.also.show(plots.length > 0 ? instead : undefined);
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
