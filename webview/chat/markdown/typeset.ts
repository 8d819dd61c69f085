/** TeX as MathML, built node by node; loaded when a first formula asks. */
import katex from "katex";

/** Replaces the element's TeX by the formula; TeX that does not parse stays as it is. */
export function typeset(target: HTMLElement, tex: string, displayMode: boolean): void {
  try {
    katex.render(tex, target, { displayMode, output: "mathml", trust: false, maxExpand: 200 });
  } catch {
    target.textContent = tex;
  }
}
