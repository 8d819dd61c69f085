/**
 * The cache over the text: what it holds (blue) under the full cache that it would have been (grey),
 * with a line at the budget. The saw-tooth against the slope is what eviction does, seen in a second.
 */
import { area, create, scaleLinear } from "d3";
import type { Answer, GaugePoint } from "../../../src/shared/chat/chatState";
import { type Budget, formatBudget } from "../../../src/shared/settings/budget";
import { element, setHidden, setText } from "../../common/dom";
import { bytes, count, counted } from "../../../src/shared/units";

const width = 400;
const height = 40;

export class Gauge {
  readonly node = element("figure", { class: "gauge" });
  private readonly drawing = create("svg")
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("preserveAspectRatio", "none")
    .attr("role", "img");
  private readonly full = this.drawing.append("path").attr("class", "gaugeFull");
  private readonly limit = this.drawing.append("path").attr("class", "gaugeBudget");
  private readonly held = this.drawing.append("path").attr("class", "gaugeHeld");
  private readonly cache = element("span");
  private readonly evictions = element("span");
  private shown: { figures?: Answer["figures"]; budget?: Budget } = {};

  constructor() {
    const drawing = this.drawing.node();
    if (drawing) this.node.append(drawing);
    this.node.append(element("figcaption", {}, this.cache, this.evictions));
  }

  /** @param budget the one in force, while it runs and where there is one */
  update({ figures, gauge }: Answer, budget?: Budget): void {
    setHidden(this.node, !figures);
    if (!figures || (figures === this.shown.figures && budget === this.shown.budget)) return;
    this.shown = { figures, budget };
    const { position, retained, kvBytes, kvBytesFull, compactions, evicted } = figures;
    this.draw([{ position: 0, retained: 0 }, ...gauge], position, budget);
    const held = `cache ${count(retained)} of ${counted(position, "token")}`;
    const limit = budget ? `, budget ${formatBudget(budget)}` : "";
    this.drawing.attr("aria-label", held + limit);
    setText(this.cache, `${held}${limit} · ${bytes(kvBytes)} of ${bytes(kvBytesFull)}`);
    setText(this.evictions, `${counted(compactions, "compaction")} · ${count(evicted)} evicted`);
  }

  private draw(points: GaugePoint[], position: number, budget?: Budget): void {
    const x = scaleLinear([0, position], [0, width]);
    const y = scaleLinear([0, position], [height, 0]);
    const shape = (top: (point: GaugePoint) => number) =>
      area<GaugePoint>(
        (point) => x(point.position),
        height,
        (point) => y(top(point)),
      )(points);
    this.full.attr(
      "d",
      shape((point) => point.position),
    );
    this.held.attr(
      "d",
      shape((point) => point.retained),
    );
    this.limit.attr("d", budget ? budgetLine(budget, position, y) : null);
  }
}

/** Level for a count, a slope for a share; nothing as long as the text is shorter than the budget. */
function budgetLine(budget: Budget, position: number, y: (slots: number) => number): string | null {
  switch (budget.kind) {
    case "full":
      return null;
    case "share":
      return `M0,${y(0)}L${width},${y((position * budget.percent) / 100)}`;
    case "count":
      return budget.slots > position ? null : `M0,${y(budget.slots)}H${width}`;
    default:
      return budget satisfies never;
  }
}
