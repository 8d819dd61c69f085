/** “Export figure…”: what is to be in a figure, and how it is to look; asked in a small dialog. */
import { element } from "../../common/dom";
import { icon } from "../../common/icons";
import type { Wish } from "../export/compose";
import { paperWidths } from "../export/paper";
import type { Size } from "../scene/scene";
import { viewNames, views, type ViewName } from "../views";

export interface FigureChoice {
  wish: Wish;
  format: "svg" | "png" | "csv";
  colours: "paper" | "page";
}

/** A view as it is on the page: its picture's size, and the first token that a text shows. */
export interface OnScreen {
  size: Size;
  first: number;
}

/** For a view's title bar, where words have no room. */
export function exportIcon(title: string, open: () => void): HTMLElement {
  const name = { title: "Export figure…", "aria-label": `Export figure of ${title}…` };
  return element("button", { class: "button", ...name, onclick: open }, icon("export"));
}

type Choices = readonly (readonly [value: string, label: string])[];

const formats: Choices = [
  ["svg", "SVG, with text"],
  ["png", "PNG, at twice the size"],
  ["csv", "CSV, the numbers"],
];
const colours: Choices = [
  ["paper", "light, on white"],
  ["page", "as on the page"],
];
const widths: Choices = [
  ["page", "page, 175 mm"],
  ["column", "column, 85 mm"],
  ["screen", "as on screen"],
];
const columns: Choices = [
  ["1", "one below the other"],
  ["2", "two side by side"],
];

export class ExportDialog {
  readonly root = element("dialog", { class: "export", "aria-label": "Export figure" });
  private readonly form = element("form", { method: "dialog" });
  private readonly saveButton = element("button", { class: "button primary" }, "Save…");
  private readonly boxes = viewNames.map((name) =>
    element("input", { type: "checkbox", name: "view", value: name }),
  );

  /**
   * @param offered the views that there are for the run
   * @param onScreen undefined where a view has not been drawn
   * @param width of the page, in CSS pixels
   */
  constructor(
    private readonly offered: () => readonly ViewName[],
    private readonly onScreen: (view: ViewName) => OnScreen | undefined,
    private readonly width: () => number,
    private readonly save: (choice: FigureChoice) => void,
  ) {
    const onclick = () => this.root.close();
    const cancel = element("button", { class: "button", type: "button", onclick }, "Cancel");
    const shown = this.boxes.map((box, index) => labelled(box, views[viewNames[index]].title));
    this.form.append(
      element("h2", {}, "Export figure"),
      element("fieldset", {}, element("legend", {}, "Views"), ...shown),
      group("Format", "format", formats),
      group("Arrangement", "columns", columns),
      group("Colours", "colours", colours),
      group("Width", "width", widths),
      element("div", { class: "dialog-buttons" }, this.saveButton, cancel),
    );
    this.form.addEventListener("input", () => this.settle());
    this.form.addEventListener("submit", () => this.save(this.choice()));
    this.root.append(this.form);
  }

  /** Asks, with these views chosen and all else as it was last time. */
  open(chosen: readonly ViewName[]): void {
    const offered = this.offered();
    viewNames.forEach((name, index) => {
      const box = this.boxes[index];
      box.checked = chosen.includes(name);
      box.parentElement?.toggleAttribute("hidden", !offered.includes(name));
    });
    this.settle();
    this.root.showModal();
  }

  private get chosen(): ViewName[] {
    return viewNames.filter((_, index) => this.boxes[index].checked);
  }

  /** What makes no difference cannot be chosen. */
  private settle(): void {
    const isPicture = this.valueOf("format") !== "csv";
    this.enable("colours", isPicture);
    this.enable("width", isPicture);
    this.enable("columns", isPicture && this.chosen.length > 1);
    this.saveButton.disabled = this.chosen.length === 0;
  }

  private enable(name: string, isEnabled: boolean): void {
    const fieldset = this.form.querySelector<HTMLFieldSetElement>(`[data-choice=${name}]`);
    if (fieldset) fieldset.disabled = !isEnabled;
  }

  private valueOf(name: string): string {
    const field = this.form.elements.namedItem(name);
    return field instanceof RadioNodeList ? field.value : "";
  }

  private choice(): FigureChoice {
    const format = this.valueOf("format");
    return {
      wish: this.wish(),
      format: format === "png" || format === "csv" ? format : "svg",
      colours: this.valueOf("colours") === "page" ? "page" : "paper",
    };
  }

  private wish(): Wish {
    const { chosen } = this;
    const seen = this.onScreen(chosen[0]);
    const wish: Wish = {
      views: chosen,
      columns: this.valueOf("columns") === "2" ? 2 : 1,
      width: paperWidths[this.valueOf("width") === "column" ? "column" : "page"],
      first: seen?.first,
    };
    if (this.valueOf("width") !== "screen") return wish;
    if (chosen.length > 1 || !seen) return { ...wish, width: this.width() };
    return { ...wish, width: seen.size.width, height: seen.size.height };
  }
}

function group(legend: string, name: string, choices: Choices): HTMLElement {
  const radios = choices.map(([value, label], index) =>
    labelled(element("input", { type: "radio", name, value, checked: index === 0 }), label),
  );
  return element("fieldset", { "data-choice": name }, element("legend", {}, legend), ...radios);
}

function labelled(input: HTMLInputElement, label: string): HTMLElement {
  return element("label", {}, input, label);
}
