/** Under an answer: what it took, what the cache held of it, and what can be done with it. */
import { type Answer, isRunning } from "../../../src/shared/chat/chatState";
import { element, setHidden } from "../../common/dom";
import { bytes, count, counted, duration, percent, rate } from "../../../src/shared/units";
import { icon } from "../../common/icons";
import { iconButton } from "../../common/toolkit";

export interface AnswerActions {
  regenerate(): void;
  copy(): void;
  inspect(): void;
}

export class AnswerFooter {
  readonly node = element("footer", { class: "answerFooter" });
  private readonly figures = element("ul", {
    class: "figures",
    "aria-label": "Figures of this answer",
  });
  private readonly inspect: HTMLElement;
  private readonly copy: HTMLElement;
  private readonly again: HTMLElement;
  private shown: Answer | undefined;

  constructor(actions: AnswerActions) {
    this.inspect = inspectButton(() => actions.inspect());
    this.copy = iconButton({
      label: "Copy answer",
      icon: "copy",
      onClick: () => actions.copy(),
    });
    this.again = iconButton({
      label: "Answer again",
      icon: "refresh",
      onClick: () => actions.regenerate(),
    });
    const tools = element("div", { class: "answerTools" }, this.copy, this.again, this.inspect);
    this.node.append(this.figures, tools);
  }

  update(answer: Answer): void {
    if (answer === this.shown) return;
    this.shown = answer;
    const running = isRunning(answer);
    const canInspect = answer.hasTrace && answer.figures !== undefined;
    setHidden(this.node, running && !canInspect);
    setHidden(this.inspect, !canInspect);
    setHidden(this.copy, running || answer.text === "");
    setHidden(this.again, running);
    this.figures.replaceChildren(...figuresOf(answer).map(figure));
  }
}

/** The same wherever the way leads to the inspector. */
export function inspectButton(onclick: () => void): HTMLElement {
  const title = "Shows what the cache kept of this answer, also while it is being written";
  return element(
    "button",
    { type: "button", class: "inspect", title, onclick },
    icon("inspect"),
    "Inspect",
  );
}

interface Figure {
  value: string;
  label: string;
  /** Share of a full cache, drawn as a small bar. */
  share?: number;
}

function figuresOf({ end, device }: Answer): Figure[] {
  if (!end) return [];
  const share = end.kvBytesFull > 0 ? end.kvBytes / end.kvBytesFull : 1;
  return [
    { value: percent(share), label: `of a full cache, ${bytes(end.kvBytes)}`, share },
    { value: rate(end.tokensPerSecond), label: "tok/s" },
    { value: count(end.tokens), label: "tokens" },
    { value: duration(end.millisToFirstToken), label: "to first token" },
    ...countOf(end.compactions, "compaction"),
    { value: count(end.evicted), label: "evicted" },
    { value: deviceLabels[device] ?? device, label: "" },
  ];
}

const deviceLabels: Partial<Record<string, string>> = {
  cpu: "CPU",
  webgpu: "WebGPU",
  cuda: "CUDA",
  coreml: "CoreML",
  dml: "DirectML",
};

function countOf(value: number, noun: string): Figure[] {
  const [amount = "", ...label] = counted(value, noun).split(" ");
  return [{ value: amount, label: label.join(" ") }];
}

function figure({ value, label, share }: Figure): HTMLElement {
  const amount = element("span", { class: "amount" }, value);
  return element("li", {}, share !== undefined && bar(share), amount, ` ${label}`);
}

function bar(share: number): HTMLElement {
  const held = element("span", { class: "barHeld" });
  held.style.width = percent(share).replace(" ", "");
  return element("span", { class: "bar", "aria-hidden": "true" }, held);
}
