/** An axis of layers, or of the KV heads within them. */
import { linesOf, rowsOfLine } from "../../model/retention";
import type { Run } from "../../model/run";
import type { Axis } from "../../scene/scene";

export function layerAxis(run: Run, byHead = false): Axis {
  const lines = linesOf(run, byHead);
  const { layers } = run.header;
  const labels = { count: layers, name: (layer: number) => `L${layer}`, each: lines / layers };
  return { domain: [0, lines], labels };
}

/** Of the first head, where a line stands for several. */
export function lineName(run: Run, line: number, byHead: boolean): string {
  if (!byHead) return `L${line}`;
  const { layer, head } = headOf(run, line, byHead);
  return `L${layer}·${head}`;
}

/** The layer and head that a line stands for, the first of them where there are several. */
export function headOf(run: Run, line: number, byHead: boolean): { layer: number; head: number } {
  const [row] = rowsOfLine(run, line, byHead);
  const { kvHeads } = run.header;
  return { layer: Math.floor(row / kvHeads), head: row % kvHeads };
}
