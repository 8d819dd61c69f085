/** TeX as MathML, built node by node; loaded when a first formula asks. */
import katex from "katex";

/** What was set lately: while its block grows, a formula is asked for with each update. */
const formulas = new Map<string, DocumentFragment>();
const mostFormulas = 500;
const options = {
  output: "mathml",
  trust: false,
  strict: false,
  maxExpand: 200,
  maxSize: 20,
} as const;
/** Of TeX; deeper nesting than fits in it takes the browser too long to lay out. */
const longestFormula = 2_000;

/** Replaces the element's TeX by the formula; TeX that does not parse stays as it is. */
export function typeset(target: HTMLElement, tex: string, displayMode: boolean): void {
  const key = `${String(displayMode)} ${tex}`;
  const formula = formulas.get(key) ?? build(tex, displayMode);
  if (formulas.size >= mostFormulas) formulas.clear();
  formulas.set(key, formula);
  target.replaceChildren(formula.cloneNode(true));
}

function build(tex: string, displayMode: boolean): DocumentFragment {
  const holder = document.createElement("span");
  const formula = document.createDocumentFragment();
  try {
    if (tex.length > longestFormula) throw new RangeError("too long to be set");
    katex.render(tex, holder, { ...options, displayMode });
    formula.append(...holder.childNodes);
  } catch {
    formula.append(tex);
  }
  return formula;
}
