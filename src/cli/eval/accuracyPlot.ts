/** Accuracy over budget, a line a policy, as an SVG that reads on a light and on a dark page. */
import { policyLabel } from "../../shared/settings/policies";
import { line, scaleLinear, scaleLog } from "d3";
import type { CellResult } from "./grid";

const width = 760;
const height = 420;
const margin = { top: 28, right: 132, bottom: 52, left: 56 };
const ink = "#808890";
/** Okabe and Ito's colours, which survive colour blindness. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const markers = [
  "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0",
  "M-4,-4h8v8h-8z",
  "M0,-5L5,4H-5z",
  "M0,-5L5,0L0,5L-5,0z",
  "M0,5L5,-4H-5z",
  "M-4,-1.5h2.5v-2.5h3v2.5h2.5v3h-2.5v2.5h-3v-2.5h-2.5z",
];

interface Point {
  slots: number;
  accuracy: number;
}

export function accuracyPlot(cells: CellResult[], meanChain: number): string {
  const compressed = cells.filter((cell) => cell.slots !== undefined);
  const slots = compressed.map((cell) => cell.slots!);
  const x = scaleLog()
    .domain([Math.min(...slots, 1024) / 1.1, Math.max(...slots, 1) * 1.1])
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain([0, 1])
    .range([height - margin.bottom, margin.top]);
  const full = cells.find((cell) => cell.slots === undefined);
  const policies = [...new Set(compressed.map((cell) => cell.policy))];
  const ends = labelPlaces(
    policies.map((policy) => y(pointsOf(compressed, policy).at(-1)!.accuracy)),
  );
  const series = policies.map((policy, i) => {
    const points = pointsOf(compressed, policy);
    return policyLine(
      policyLabel(policy),
      points.map(({ slots, accuracy }) => [x(slots), y(accuracy)]),
      i,
      ends[i],
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Accuracy by cache budget and policy">`,
    ...y.ticks(5).map((tick) => gridLine(y(tick), `${Math.round(tick * 100)} %`)),
    ...slotTicks(
      [...new Set(slots)].sort((a, b) => a - b),
      x,
    ),
    ...(full ? [fullLine(y(full.accuracy), full.accuracy)] : []),
    ...series,
    `<text x="${margin.left}" y="16" fill="${ink}">right answers</text>`,
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 10}" fill="${ink}" text-anchor="middle">budget, slots per KV head${meanChain > 0 ? ` (mean full-cache chain: ${Math.round(meanChain)} tokens)` : ""}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function pointsOf(cells: CellResult[], policy: string): Point[] {
  return cells
    .filter((cell) => cell.policy === policy)
    .map(({ slots, accuracy }) => ({ slots: slots!, accuracy }))
    .sort((a, b) => a.slots - b.slots);
}

function gridLine(y: number, label: string): string {
  return `<path d="M${margin.left},${y.toFixed(1)}H${width - margin.right}" stroke="${ink}" stroke-opacity="0.25"/><text x="${margin.left - 8}" y="${(y + 4).toFixed(1)}" fill="${ink}" text-anchor="end">${label}</text>`;
}

/** A mark at each budget; its number where the one before leaves room. */
function slotTicks(slots: number[], x: (slots: number) => number): string[] {
  const bottom = height - margin.bottom;
  let free = -Infinity;
  return slots.map((tick) => {
    const at = x(tick).toFixed(1);
    const mark = `<path d="M${at},${bottom}v5" stroke="${ink}"/>`;
    if (x(tick) < free) return mark;
    free = x(tick) + 30;
    return `${mark}<text x="${at}" y="${bottom + 18}" fill="${ink}" text-anchor="middle">${tick}</text>`;
  });
}

function fullLine(y: number, accuracy: number): string {
  return `<path d="M${margin.left},${y.toFixed(1)}H${width - margin.right}" stroke="${ink}" stroke-dasharray="5 4"/><text x="${margin.left + 6}" y="${(y + 16).toFixed(1)}" fill="${ink}">full cache, ${(accuracy * 100).toFixed(1)} %</text>`;
}

function policyLine(policy: string, points: [number, number][], i: number, labelY: number): string {
  const colour = colours[i % colours.length];
  const marks = points.map(
    ([x, y]) =>
      `<path transform="translate(${x.toFixed(1)},${y.toFixed(1)})" d="${markers[i % markers.length]}"/>`,
  );
  return `<g fill="${colour}"><path d="${line()(points) ?? ""}" fill="none" stroke="${colour}" stroke-width="2"/>${marks.join("")}<text x="${width - margin.right + 10}" y="${(labelY + 4).toFixed(1)}">${policy}</text></g>`;
}

/** Heights of the labels, moved apart where they would lie on one another. */
function labelPlaces(wanted: number[]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const places = [...wanted];
  order.forEach((label, rank) => {
    if (rank > 0) places[label] = Math.max(places[label], places[order[rank - 1]] + 15);
  });
  return places;
}
