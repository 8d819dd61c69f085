/** A view's sentence on the page: what is quoted stands out, and words of the field explain themselves. */
import { element } from "../../common/dom";
import { partsOf } from "./glossary";
import { explain } from "./tip";

export class Sentence {
  readonly root = element("p", { class: "sentence" });
  private shown = "";

  show(sentence: string): void {
    if (sentence === this.shown) return;
    this.shown = sentence;
    const unbroken = sentence.replace(/(\d) %/g, "$1\u00a0%");
    this.root.replaceChildren(...partsOf(unbroken).map(elementOf));
  }
}

function elementOf({ text, isQuoted, means }: ReturnType<typeof partsOf>[number]): Node {
  if (isQuoted) return element("b", {}, text);
  if (means === undefined) return element("span", {}, text);
  const term = element("dfn", { tabindex: 0 }, text);
  explain(term, () => means);
  return term;
}
