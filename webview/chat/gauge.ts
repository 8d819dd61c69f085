/**
 * The cache over the text: what it holds (blue) under the full cache that it would have been (grey).
 * The saw-tooth against the slope is what eviction does, seen in a second.
 */
import { area, create, scaleLinear } from "d3";
import type { Answer, GaugePoint } from "../../src/shared/chatState";
import { element, setHidden, setText } from "../common/dom";
import { bytes, count, counted } from "../common/format";

const width = 400;
const height = 40;

export class Gauge {
  readonly node = element("figure", { class: "gauge" });
  private readonly drawing = create("svg")
    .attr("viewBox", `0 0 ${width} ${height}`)
    .attr("preserveAspectRatio", "none")
    .attr("role", "img");
  private readonly full = this.drawing.append("path").attr("class", "gaugeFull");
  private readonly held = this.drawing.append("path").attr("class", "gaugeHeld");
  private readonly cache = element("span");
  private readonly evictions = element("span");
  private shown: Answer["figures"];

  constructor() {
    const drawing = this.drawing.node();
    if (drawing) this.node.append(drawing);
    this.node.append(element("figcaption", {}, this.cache, this.evictions));
  }

  update({ figures, gauge }: Answer): void {
    setHidden(this.node, !figures);
    if (!figures || figures === this.shown) return;
    this.shown = figures;
    const { position, retained, kvBytes, kvBytesFull, compactions, evicted } = figures;
    this.draw([{ position: 0, retained: 0 }, ...gauge], position);
    const held = `cache ${count(retained)} of ${counted(position, "token")}`;
    this.drawing.attr("aria-label", held);
    setText(this.cache, `${held} · ${bytes(kvBytes)} of ${bytes(kvBytesFull)}`);
    setText(this.evictions, `${counted(compactions, "compaction")} · ${count(evicted)} evicted`);
  }

  private draw(points: GaugePoint[], position: number): void {
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
  }
}
