/** Something that opens beside an element, above all else; Escape and a click elsewhere close it. */
import { element, type Attributes } from "../../common/dom";

/** Between it and its element, and at least to the edge of the page, in pixels. */
const gap = 4;

export function popover(attributes: Attributes, mode: "auto" | "manual" = "auto"): HTMLElement {
  return element("div", { ...attributes, popover: mode });
}

/** Opens it below its element, or above it where there is more room. */
export function openBeside(popover: HTMLElement, beside: Element): void {
  popover.showPopover();
  const { left, top, bottom } = beside.getBoundingClientRect();
  const { width, height } = popover.getBoundingClientRect();
  const { innerWidth, innerHeight } = window;
  const isBelow = bottom + gap + height <= innerHeight || top < innerHeight - bottom;
  const y = isBelow ? bottom + gap : top - gap - height;
  const x = Math.max(gap, Math.min(left, innerWidth - width - gap));
  popover.style.left = `${x}px`;
  popover.style.top = `${Math.max(gap, Math.min(y, innerHeight - height - gap))}px`;
}
