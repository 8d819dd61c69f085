/** The controls that a scene has: made when it first has them, then kept as they are. */
import { element, setText } from "../../common/dom";
import { textField } from "../../common/toolkit";
import { choose } from "../scene/hand";
import type { Control } from "../scene/scene";
import type { Store } from "../state/state";

type Of<K extends Control["control"]> = Extract<Control, { control: K }>;

/** An element, and how it is made to show another state of the same control. */
interface Made {
  root: HTMLElement;
  show: (control: Control) => void;
}

export class Controls {
  /** In the title bar. */
  readonly tools = element("div", { class: "tools" });
  /** In a row of their own. */
  readonly sliders = element("div", { class: "sliders", hidden: true });
  private kinds = "";
  private made: Made[] = [];

  constructor(private readonly store: Store) {}

  show(controls: Control[]): void {
    const kinds = controls.map((control) => control.control).join(" ");
    if (kinds !== this.kinds) this.make(controls);
    this.kinds = kinds;
    controls.forEach((control, index) => this.made[index].show(control));
  }

  private make(controls: Control[]): void {
    this.made = controls.map((control) => madeOf(control, this.store));
    const [tools, sliders] = [false, true].map((wanted) =>
      this.made.filter((_, index) => (controls[index].control === "slider") === wanted),
    );
    this.tools.replaceChildren(...tools.map(({ root }) => root));
    this.sliders.replaceChildren(...sliders.map(({ root }) => root));
    this.sliders.hidden = sliders.length === 0;
  }
}

function madeOf(control: Control, store: Store): Made {
  switch (control.control) {
    case "toggle":
      return toggle(control, store);
    case "find":
      return find(control, store);
    case "slider":
      return slider(control, store);
    default:
      return control satisfies never;
  }
}

function toggle(first: Of<"toggle">, store: Store): Made {
  let now = first;
  const onclick = () => store.update(now.change);
  const root = element("button", { class: "button", title: first.tooltip, onclick }, first.label);
  return {
    root,
    show(control) {
      now = control as Of<"toggle">;
      root.setAttribute("aria-pressed", String(now.isOn));
    },
  };
}

function find(first: Of<"find">, store: Store): Made {
  let now = first;
  const root = textField({
    label: "Find in the text",
    placeholder: "Find",
    icon: "search",
    onInput: (search) => store.update({ search }),
  });
  root.classList.add("find");
  root.addEventListener("keydown", (event) => {
    const target = event.shiftKey ? now.before : now.after;
    if (event.key === "Enter" && target) choose(store, target);
  });
  return { root, show: (control) => (now = control as Of<"find">) };
}

function slider(first: Of<"slider">, store: Store): Made {
  let now = first;
  const value = element("output", {});
  const input = element("input", { type: "range", min: 0, "aria-label": first.label });
  input.addEventListener("input", () => store.update(now.change(input.valueAsNumber)));
  const back = () => store.update(now.change(undefined));
  const title = "Sets it back to what the run used";
  const reset = element("button", { class: "button", title, onclick: back }, "as logged");
  const label = element("span", {}, first.label);
  return {
    root: element("label", { class: "slider", title: first.tooltip }, label, input, value, reset),
    show(control) {
      now = control as Of<"slider">;
      input.disabled = now.isDisabled;
      Object.assign(input, { max: String(now.largest), step: String(now.step) });
      input.value = String(now.value);
      setText(value, String(now.value));
      reset.style.visibility = now.isLogged ? "hidden" : "visible";
    },
  };
}
