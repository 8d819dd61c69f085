/** Draws the groups of a picture as SVG, and touches only those that differ from before. */
import { select } from "d3";
import { attributesOf } from "./attributes";
import type { Group, Shape } from "./picture";
import type { Theme } from "./theme";

/** A group, told from others of the same name. */
interface Keyed extends Group {
  key: string;
}

export function drawGroups(svg: SVGSVGElement, groups: Group[], theme: Theme): void {
  select(svg)
    .selectChildren<SVGGElement, Keyed>("g")
    .data(keyed(groups), ({ key }) => key)
    .join((enter) => enter.append("g").attr("class", ({ name }) => name))
    .each(function ({ shapes }) {
      drawShapes(this, shapes, theme);
    });
}

function keyed(groups: Group[]): Keyed[] {
  const seen = new Map<string, number>();
  return groups.map(({ name, shapes }) => {
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return { name, shapes, key: `${name} ${times}` };
  });
}

const drawn = new WeakMap<SVGGElement, { shapes: Shape[]; theme: Theme }>();

function drawShapes(group: SVGGElement, shapes: Shape[], theme: Theme): void {
  const before = drawn.get(group);
  if (before?.theme === theme && areAlike(before.shapes, shapes)) return;
  drawn.set(group, { shapes, theme });
  select(group)
    .selectChildren<SVGElement, Shape>()
    .data(shapes, ({ tag }, index) => `${tag} ${index}`)
    .join((enter) => enter.append(({ tag }) => document.createElementNS(svgSpace, tag)))
    .each(function (shape) {
      drawShape(this, shape, theme);
    });
}

const svgSpace = "http://www.w3.org/2000/svg";

function drawShape(target: SVGElement, shape: Shape, theme: Theme): void {
  if (target.getAttribute("class") !== shape.look) {
    for (const { name } of [...target.attributes]) target.removeAttribute(name);
    target.setAttribute("class", shape.look);
  }
  for (const [name, value] of Object.entries(attributesOf(shape, theme)))
    target.setAttribute(name, String(value));
  if (shape.tag === "text") target.textContent = shape.text;
}

function areAlike(a: readonly object[], b: readonly object[]): boolean {
  return a === b || (a.length === b.length && a.every((shape, index) => isAlike(shape, b[index])));
}

function isAlike(a: object, b: object): boolean {
  const names = Object.keys(a) as (keyof typeof a)[];
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
