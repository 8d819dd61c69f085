/** Budget, policy or model: the editor's own picker where there is one, a menu in the page elsewhere. */
import type { Choosable, Choice } from "../../../src/shared/chat/chatApi";
import { element, setText } from "../../common/dom";
import type { Actions } from "../page/actions";
import { menuItem, openPopup, type Popup } from "../page/popup";
import { reasonOf } from "../../../src/shared/reasonOf";

export const titles: Record<Choosable, string> = {
  budget: "Cache budget",
  chains: "Ways to think",
  policy: "Eviction policy",
  model: "Model",
};

export function choose(
  what: Choosable,
  anchor: HTMLElement,
  hasPickers: boolean,
  actions: Actions,
): void {
  if (hasPickers) actions.act("pick", { what });
  else void openMenu(what, anchor, actions);
}

async function openMenu(what: Choosable, anchor: HTMLElement, actions: Actions): Promise<void> {
  const choices = await actions.ask("choices", { what }).catch((error: unknown) => {
    actions.report(reasonOf(error));
    return [];
  });
  if (choices.length === 0) return;
  openPopup(anchor, titles[what], (popup) => [
    element("h2", { class: "menuTitle" }, titles[what]),
    ...choices.map((choice) => itemOf(choice, what, popup, actions)),
    ...(what === "budget" ? [customBudget(popup, actions)] : []),
  ]);
}

function itemOf(choice: Choice, what: Choosable, popup: Popup, actions: Actions): HTMLElement {
  const onChoose = () => actions.act("choose", { what, value: choice.value });
  return menuItem(popup, { ...choice, onChoose });
}

function customBudget(popup: Popup, { ask }: Actions): HTMLElement {
  const problem = element("p", { class: "menuProblem", role: "alert" });
  const input = element("input", {
    class: "menuInput",
    placeholder: "Custom: 300, 25% or full",
    "aria-label": "Custom cache budget",
    onkeydown: (event) => {
      if (event.key !== "Enter" || input.value.trim() === "") return;
      ask("choose", { what: "budget", value: input.value }).then(popup.close, (error: unknown) =>
        setText(problem, reasonOf(error)),
      );
    },
  });
  return element("div", { class: "menuCustom" }, input, problem);
}
