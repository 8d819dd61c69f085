/** Under the composer: which model answers, by which policy and budget, in how many chains, and whether the prompt is pinned. */
import { voteRule } from "../../../src/shared/answers/vote";
import type { Choosable } from "../../../src/shared/chat/chatApi";
import type { ChatState, EngineStatus } from "../../../src/shared/chat/chatState";
import { formatBudget } from "../../../src/shared/settings/budget";
import { deviceInWords } from "../../../src/shared/devicesInWords";
import { deviceWords } from "../../../src/shared/settings/devices";
import { policyLabel, policyWords } from "../../../src/shared/settings/policies";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { element, setHidden, setText } from "../../common/dom";
import { counted, percent } from "../../../src/shared/units";
import { icon, type IconName } from "../../common/icons";
import { iconButton } from "../../common/toolkit";
import type { Actions } from "../page/actions";
import { choose, titles } from "./choiceMenu";
import { openPopup, menuItem } from "../page/popup";

export class Chips {
  readonly node = element("div", { class: "chips" });
  private readonly model = new Chip("model", "model");
  private readonly policy = new Chip("policy", "layers");
  private readonly budget = new Chip("budget");
  private readonly chains = new Chip("chains");
  private readonly pin: HTMLElement;
  private readonly attach: HTMLElement;
  private state: ChatState | undefined;

  constructor(private readonly actions: Actions) {
    this.attach = iconButton({
      label: "Attach the selection or a file",
      icon: "attach",
      onClick: () => this.openAttachMenu(),
    });
    this.pin = iconButton({
      label: "Pin prompt: never evict the question",
      icon: "pin",
      onClick: () => this.togglePin(),
    });
    const chips = [this.model, this.policy, this.budget, this.chains];
    for (const chip of chips) chip.node.addEventListener("click", () => this.choose(chip));
    this.node.append(this.attach, ...chips.map(({ node }) => node), this.pin);
  }

  update(state: ChatState): void {
    this.state = state;
    const { abilities, cache, engine } = state;
    setHidden(this.attach, !abilities.editor);
    this.model.update(modelLabel(engine));
    this.model.node.title = modelHover(engine);
    this.policy.update(policyLabel(cache.policy));
    this.budget.update(budgetLabel(cache));
    this.chains.update(`think ${counted(state.chains, "way")}`);
    setHidden(this.budget.node, policyWords[cache.policy].evictsNothing === true);
    this.pin.classList.toggle("isOn", cache.pinPrompt);
    this.pin.setAttribute("aria-pressed", String(cache.pinPrompt));
  }

  private choose({ node, what }: Chip): void {
    if (this.state) choose(what, node, this.state.abilities.pickers, this.actions);
  }

  private togglePin(): void {
    if (this.state) this.actions.act("setPinPrompt", { pinPrompt: !this.state.cache.pinPrompt });
  }

  private openAttachMenu(): void {
    const { act } = this.actions;
    openPopup(this.attach, "Attach", (popup) => [
      menuItem(popup, { label: "Selection", onChoose: () => act("attachSelection", null) }),
      menuItem(popup, { label: "File…", onChoose: () => act("attachFile", null) }),
    ]);
  }
}

class Chip {
  readonly node: HTMLElement;
  private readonly label = element("span", { class: "chipLabel" });

  constructor(
    readonly what: Choosable,
    name?: IconName,
  ) {
    this.node = element("button", {
      type: "button",
      class: `chip ${what}`,
      "aria-haspopup": "dialog",
      title: hovers[what] ?? titles[what],
    });
    if (name) this.node.append(icon(name));
    this.node.append(element("span", { class: "spoken" }, `${titles[what]}: `), this.label);
  }

  update(label: string): void {
    setText(this.label, label);
  }
}

const hovers: Partial<Record<Choosable, string>> = {
  chains: `Several chains think about a question together, and vote. ${voteRule}`,
};

function budgetLabel({ budget }: CacheSettings): string {
  return `budget ${formatBudget(budget)}`;
}

function modelLabel(engine: EngineStatus): string {
  if (engine.kind === "ready") return engine.info.name;
  if (engine.kind !== "loading") return nameOf(engine.model);
  const share = engine.fraction === undefined ? "…" : ` ${percent(engine.fraction)}`;
  return `Loading ${nameOf(engine.model)}${share}`;
}

/** Where a loaded model runs, and what the devices took for a step. */
function modelHover(engine: EngineStatus): string {
  if (engine.kind !== "ready") return titles.model;
  const { device, deviceReasons } = engine.info;
  const where = `Runs on ${deviceWords[device].label}`;
  return [titles.model, where, ...deviceReasons.map(deviceInWords)].join("\n");
}

/** The last part of a model's folder. */
function nameOf(model: string): string {
  return model.split(/[\\/]/).findLast((part) => part !== "") ?? "Select a model";
}
