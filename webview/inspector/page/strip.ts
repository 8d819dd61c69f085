/** The run as a whole above all views, with the scrubber that moves the moment. */
import { drag, select } from "d3";
import { element } from "../../common/dom";
import { Figure, resized, type Context } from "../scene/figure";
import { scrub } from "../state/state";
import { strip } from "../views/strip";

const row = {
  label: "Cache over the text. Arrow keys move the moment.",
  view: strip,
};

export class Strip {
  readonly figure: Figure;
  readonly root: HTMLElement;
  private readonly slider = element("div", { class: "strip-slider", role: "slider", tabindex: 0 });

  constructor(private readonly context: Context) {
    this.figure = new Figure(row, context);
    const { root } = this.figure;
    root.removeAttribute("tabindex");
    root.setAttribute("role", "group");
    this.slider.setAttribute("aria-label", "Moment, in tokens of text");
    this.slider.setAttribute("aria-valuemin", "0");
    root.append(this.slider);
    this.root = element("div", { class: "strip" }, root);
    root.addEventListener(resized, () => this.draw());
    const move = ({ x }: { x: number }) => this.scrub(x);
    const gesture = drag<HTMLElement, unknown>().container(() => root);
    gesture.on("start drag", move)(select<HTMLElement, unknown>(root));
  }

  draw(): void {
    this.figure.draw();
    const { run, tokens, compactions } = this.context.store.state;
    const plot = this.figure.picture?.plots[0];
    this.slider.hidden = !plot;
    if (!plot) return;
    this.slider.style.left = `${plot.x(tokens)}px`;
    this.slider.style.top = `${plot.box.y}px`;
    this.slider.setAttribute("aria-valuemax", String(run.tokens));
    this.slider.setAttribute("aria-valuenow", String(tokens));
    const words = `${tokens} tokens, after compaction ${compactions}`;
    this.slider.setAttribute("aria-valuetext", words);
  }

  private scrub(x: number): void {
    const plot = this.figure.picture?.plots[0];
    if (plot) scrub(this.context.store, plot.x.invert(x));
  }
}
