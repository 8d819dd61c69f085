import type { GraphBuilder } from "./graphBuilder";

/** A program of WebGPU binds eight buffers on every device, and one of them is its output. */
const mostInputs = 7;

/** Values one after another along an axis, in as many steps as a GPU needs. */
export function concat(g: GraphBuilder, values: readonly string[], axis: number): string {
  if (values.length === 1) return values[0];
  const joined: string[] = [];
  for (let next = 0; next < values.length; next += mostInputs) {
    const together = values.slice(next, next + mostInputs);
    joined.push(together.length === 1 ? together[0] : g.node("Concat", together, { axis }));
  }
  return concat(g, joined, axis);
}
