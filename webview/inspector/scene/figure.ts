/** A view on the page: asked for its scene, of which what differs from before is drawn. */
import { element } from "../../common/dom";
import { RecordedData, recordedState } from "../state/data";
import { Recorder } from "../state/recorder";
import type { Store } from "../state/state";
import type { TraceData } from "../state/traceData";
import { drawGroups } from "./draw";
import { FlowText } from "./flow";
import { type Acts, InsteadElement } from "./insteadElement";
import { fitted } from "./layOut";
import { paintBars, paintCells } from "./paint";
import type { Picture } from "./picture";
import type { Scene, Size, ViewRow } from "./scene";
import type { Theme } from "./theme";

/** Happens on a figure's root, and bubbles, when its box has another size and wants to be drawn. */
export const resized = "resized";

/** What the page gives to every figure. */
export interface Context {
  store: Store;
  data: TraceData;
  theme: () => Theme;
  acts: Acts;
}

export class Figure {
  readonly root: HTMLElement;
  scene: Scene | undefined;
  picture: Picture | undefined;
  private readonly canvas = element("canvas", { "aria-hidden": "true" });
  private readonly svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  private readonly instead: InsteadElement;
  private flow: FlowText | undefined;
  private readonly recorder = new Recorder();
  private readonly look: () => Scene;
  /** Of its box, in CSS pixels; 0 while it cannot be seen. */
  private size: Size = { width: 0, height: 0 };
  /** Of its main plot. */
  private room: Size = { width: 0, height: 0 };
  private drawn: { scene?: Scene; size?: Size; theme?: Theme } = {};

  constructor(
    private readonly row: Pick<ViewRow, "label" | "view">,
    private readonly context: Context,
  ) {
    this.instead = new InsteadElement(context.acts);
    const attributes = { class: "figure", tabindex: 0, role: "application" };
    this.root = element("div", { ...attributes, "aria-label": row.label }, this.canvas);
    this.svg.setAttribute("aria-hidden", "true");
    this.root.append(this.instead.root, this.svg);
    this.look = this.watchedView();
    new ResizeObserver(() => {
      this.size = { width: this.root.clientWidth, height: this.root.clientHeight };
      this.root.dispatchEvent(new Event(resized, { bubbles: true }));
    }).observe(this.root);
  }

  /** The view, run only when something that it read has changed. */
  private watchedView(): () => Scene {
    const { recorder, row } = this;
    const { store, data: trace } = this.context;
    const state = recordedState(() => store.state, recorder);
    const data = new RecordedData(trace, recorder);
    const room = (side: keyof Size) => recorder.read(side, () => this.room[side]);
    const size: Size = {
      get width() {
        return room("width");
      },
      get height() {
        return room("height");
      },
    };
    return () => recorder.derive("scene", () => row.view(state, data, size));
  }

  /** Whether the scene reads scores or keys, or counts long. */
  get takesTime(): boolean {
    return this.recorder.tookTime("scene");
  }

  /** The scene as it is now, also where it cannot be seen. */
  now(): Scene {
    this.scene = this.look();
    return this.scene;
  }

  /** The first token in sight, where it is a text. */
  get first(): number {
    return this.flow?.first ?? 0;
  }

  draw(): void {
    const { size } = this;
    const theme = this.context.theme();
    const scene = this.now();
    if (size.width < 2 || size.height < 2) return;
    const { drawn } = this;
    if (drawn.scene === scene && drawn.size === size && drawn.theme === theme) return;
    const look = (room: Size) => {
      this.room = room;
      return this.now();
    };
    const { scene: shown, picture } = fitted(look, size, this.room);
    this.say(shown);
    this.showFlow(shown);
    this.drawPicture(picture, theme);
    this.drawn = { scene: shown, size, theme };
  }

  private drawPicture(picture: Picture, theme: Theme): void {
    const before = this.picture;
    this.picture = picture;
    const isBlank = this.resize() || this.drawn.theme !== theme;
    if (isBlank || !before || !isPaintedAlike(before, picture)) this.paint(picture, theme);
    drawGroups(this.svg, besideWords(picture), theme);
  }

  /** True where the canvas was emptied. */
  private resize(): boolean {
    const { width, height } = this.size;
    const [columns, lines] = [width, height].map((length) => Math.round(length * density()));
    if (this.canvas.width === columns && this.canvas.height === lines) return false;
    Object.assign(this.canvas, { width: columns, height: lines });
    return true;
  }

  private paint({ cells, bars, size }: Picture, theme: Theme): void {
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(density(), 0, 0, density(), 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    for (const placed of cells) paintCells(pen, placed, theme);
    for (const placed of bars) paintBars(pen, placed, theme);
  }

  /** Says something in the picture's place; beside a picture, its panel says it. */
  private say({ instead, plots, flow }: Scene): void {
    const isEmpty = plots.length === 0 && flow === undefined;
    this.instead.show(isEmpty ? instead : undefined);
    this.root.classList.toggle("is-empty", isEmpty && instead !== undefined);
  }

  private showFlow({ flow }: Scene): void {
    if (!flow) return this.flow?.root.remove();
    this.flow ??= new FlowText(this.row.label);
    if (!this.flow.root.isConnected) this.root.append(this.flow.root);
    this.root.removeAttribute("tabindex");
    this.root.removeAttribute("role");
    this.root.removeAttribute("aria-label");
    this.flow.show(flow);
  }
}

const density = () => Math.max(1, Math.min(window.devicePixelRatio, 2));

/** What is said in the picture's place stands on the page already. */
const besideWords = ({ groups }: Picture) => groups.filter(({ name }) => name !== "instead");

/** Whether the same matrices and bars lie at the same places. */
function isPaintedAlike(a: Picture, b: Picture): boolean {
  const parts = ({ cells, bars }: Picture) => [
    ...cells.flatMap(({ cells: of, box }) => [of, box.x, box.y, box.width, box.height]),
    ...bars.flatMap(({ of, within: box }) => [of, box.x, box.y, box.width, box.height]),
  ];
  const [before, now] = [parts(a), parts(b)];
  return before.length === now.length && now.every((part, index) => part === before[index]);
}
