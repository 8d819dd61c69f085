/**
 * The chain of thought, folded: while it runs its last lines and the gauge of the cache, afterwards
 * one line with its time and length. Opened, it shows all of it.
 */
import { type Answer, isRunning } from "../../../src/shared/chat/chatState";
import type { CacheSettings } from "../../../src/shared/settings/settings";
import { element, setHidden, setText } from "../../common/dom";
import { counted, duration, percent } from "../../../src/shared/units";
import { icon } from "../../common/icons";
import { Gauge } from "../composer/gauge";
import { GrowingText } from "./growingText";

const tailLength = 480;

export class Thinking {
  readonly node = element("section", { class: "thinking", "aria-label": "Thinking" });
  private readonly title = element("span", { class: "thinkingTitle" });
  private readonly step = element("span", { class: "thinkingStep" });
  private readonly measure = element("span", { class: "thinkingMeasure" });
  private readonly spinner = icon("loading");
  private readonly chevron = icon("chevronRight");
  private readonly head = element(
    "button",
    { type: "button", class: "thinkingHead", onclick: () => this.toggle() },
    this.chevron,
    this.spinner,
    this.title,
    this.step,
    this.measure,
  );
  private readonly tailText = element("p");
  private readonly tail = element("div", { class: "thinkingTail", "aria-hidden": "true" });
  private readonly body = new GrowingText("thinkingBody");
  private readonly gauge = new Gauge();
  private shown: { answer: Answer; cache: CacheSettings } | undefined;
  private isOpen: boolean;

  constructor(
    isOpen: boolean,
    private readonly remember: (isOpen: boolean) => void,
  ) {
    this.isOpen = isOpen;
    this.tail.append(this.tailText);
    this.spinner.classList.add("spinner");
    this.body.node.tabIndex = 0;
    this.body.node.setAttribute("role", "region");
    this.body.node.setAttribute("aria-label", "Chain of thought");
    this.node.append(this.head, this.tail, this.body.node, this.gauge.node);
  }

  update(answer: Answer, cache: CacheSettings): void {
    this.shown = { answer, cache };
    const running = isRunning(answer);
    setHidden(this.node, !running && !answer.thinking);
    this.node.classList.toggle("isRunning", running);
    this.node.classList.toggle("isOpen", this.isOpen);
    this.updateHead(answer, running);
    this.updateText(answer);
    const hasBudget = running && cache.policy !== "full" && cache.budget.kind !== "full";
    this.gauge.update(answer, hasBudget ? cache.budget : undefined);
    if (!running && !this.isOpen) setHidden(this.gauge.node, true);
  }

  private updateHead(answer: Answer, running: boolean): void {
    const { phase, figures, thinking, thinkingMillis, thinkingTokens } = answer;
    const steps = figures?.reasoningSteps ?? 0;
    setText(this.title, titleOf(answer));
    setText(this.step, phase === "thinking" && steps > 0 ? `step ${steps}` : "");
    const inSteps = phase !== "thinking" && steps > 1 ? ` in ${steps} steps` : "";
    const time = phase === "thinking" ? `${duration(thinkingMillis)} · ` : "";
    setText(this.measure, thinking ? `${time}${counted(thinkingTokens, "token")}${inSteps}` : "");
    this.spinner.toggleAttribute("hidden", !running);
    this.chevron.toggleAttribute("hidden", !thinking);
    this.head.toggleAttribute("disabled", !thinking);
    this.head.setAttribute("aria-expanded", String(this.isOpen));
  }

  private updateText({ phase, thinking }: Answer): void {
    const showsTail = phase === "thinking" && !this.isOpen;
    setHidden(this.tail, !showsTail);
    setHidden(this.body.node, !this.isOpen || !thinking);
    if (showsTail) setText(this.tailText, lastWords(thinking));
    if (!this.isOpen) return;
    const { node } = this.body;
    const isAtEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
    this.body.update(thinking);
    if (isAtEnd && phase === "thinking") node.scrollTop = node.scrollHeight;
  }

  private toggle(): void {
    this.isOpen = !this.isOpen;
    this.remember(this.isOpen);
    if (this.shown) this.update(this.shown.answer, this.shown.cache);
  }
}

function titleOf(answer: Answer): string {
  const { phase, progress, chains, thinking, thinkingMillis } = answer;
  const share = progress === undefined ? "" : ` ${percent(progress)}`;
  if (phase === "waiting") return "Waiting for another answer to end";
  if (phase === "loading") return `Loading the model${share}`;
  if (phase === "prefill") return `Reading the prompt${share}`;
  if (phase === "thinking") return chains ? `Thinking ${chains.length} ways` : "Thinking";
  if (thinking) return `Thought for ${duration(thinkingMillis)}`;
  return "Answering";
}

function lastWords(text: string): string {
  if (text.length <= tailLength) return text;
  const end = text.slice(-tailLength);
  return end.slice(end.search(/\s/) + 1);
}
