import { element } from "../../common/dom";
import { visibleText } from "../../../src/shared/strangersText";
import { share } from "../model/numbers";
import type { Run } from "../model/run";
import { stepName, type StepHistory } from "../model/stepHistory";

/** Tokens that one block holds at most; blocks out of sight are not filled. */
const blockTokens = 400;

/** Above it the text is shown without them: no reader would count so many. */
const mostSteps = 4_000;
/** Characters of one token that are shown; no vocabulary has a longer one in earnest. */
const longestToken = 256;

/** A stretch of one step's text: its tokens as elements, once it has been in sight. */
export interface Block {
  step: number;
  from: number;
  to: number;
  root: HTMLElement;
  body: HTMLElement;
  /** The step's bar; only its first block has one. */
  bar?: HTMLElement;
  tokens: HTMLElement[];
  visible: boolean;
}

/** The text of a run in blocks, which grow with it. */
export class TokenBlocks {
  readonly blocks: Block[] = [];
  private readonly byRoot = new WeakMap<Element, Block>();
  private run: Run | undefined;
  private version = -1;
  private readonly observer: IntersectionObserver;

  /** @param seen called when other blocks have come into sight */
  constructor(
    root: HTMLElement,
    private readonly list: HTMLElement,
    seen: () => void,
  ) {
    const note = (entries: IntersectionObserverEntry[]) => {
      for (const { target, isIntersecting } of entries) {
        const block = this.byRoot.get(target);
        if (block) block.visible = isIntersecting;
      }
      seen();
    };
    this.observer = new IntersectionObserver(note, { root, rootMargin: "200px" });
  }

  /** Takes in what the run has grown by; begins anew for another run. */
  follow(run: Run): void {
    if (this.run === run && this.version === run.version) return;
    if (this.run !== run) this.cut(0);
    Object.assign(this, { run, version: run.version });
    const wanted = placesOf(run);
    const same = wanted.findIndex(({ from, step }, index) => {
      const block = this.blocks[index];
      return block?.from !== from || block.step !== step || block.to > wanted[index].to;
    });
    this.cut(same < 0 ? wanted.length : same);
    this.blocks.forEach((block, index) => (block.to = wanted[index].to));
    for (const place of wanted.slice(this.blocks.length)) this.append(run, place);
  }

  /** The token's element, made if need be. */
  tokenAt(position: number): HTMLElement | undefined {
    const block = this.blocks.find(({ from, to }) => position >= from && position < to);
    if (!block || !this.run) return undefined;
    fill(this.run, block);
    return block.tokens[position - block.from];
  }

  private append(run: Run, place: Place): void {
    const block = makeBlock(run, place);
    this.blocks.push(block);
    this.byRoot.set(block.root, block);
    this.list.append(block.root);
    this.observer.observe(block.root);
  }

  private cut(length: number): void {
    for (const { root } of this.blocks.splice(length)) {
      this.observer.unobserve(root);
      root.remove();
    }
  }
}

type Place = Pick<Block, "step" | "from" | "to">;

function placesOf(run: Run): Place[] {
  const steps = run.steps.length > mostSteps ? [] : run.steps;
  const whole = steps.length > 0 ? steps : [{ from: 0, to: run.tokens }];
  return whole.flatMap(({ from, to }, step) =>
    Array.from({ length: Math.ceil((to - from) / blockTokens) }, (_, index) => ({
      step,
      from: from + index * blockTokens,
      to: Math.min(to, from + (index + 1) * blockTokens),
    })),
  );
}

function makeBlock(run: Run, { step, from, to }: Place): Block {
  const heading = run.steps.length > mostSteps ? undefined : run.steps[step];
  const isFirst = heading?.from === from;
  const bar = isFirst ? element("span", { class: "bar" }) : undefined;
  const label = element(
    "div",
    { class: "step-name", title: heading?.title },
    isFirst && heading && element("span", {}, stepName(heading, step)),
    bar && element("span", { class: "bar-track" }, bar),
  );
  const body = element("div", { class: "tokens" });
  const root = element("div", { class: "step" }, label, body);
  body.style.minHeight = `${Math.ceil((to - from) / 12) * 20}px`;
  return { step, from, to, root, body, bar, tokens: [], visible: false };
}

/** Makes the elements of a block's tokens that are not there yet. */
export function fill(run: Run, { from, to, body, tokens }: Block): void {
  for (let position = from + tokens.length; position < to; position++) {
    const text = visibleText(run.texts[position].slice(0, longestToken));
    const word = text.trim();
    const token = element("span", { "data-position": position }, word || "·");
    tokens.push(token);
    body.append(
      text.slice(0, text.indexOf(word)),
      token,
      word ? text.trimStart().slice(word.length) : "",
    );
    if (text.includes("\n")) body.append(element("br"));
  }
  if (body.style.minHeight) body.style.minHeight = "";
}

/** Says beside a block how much of its step is held after so many compactions. */
export function drawBar(steps: StepHistory[], { bar, step }: Block, compactions: number): void {
  if (!bar) return;
  const held = steps[step]?.survival.heldAfter(compactions) ?? NaN;
  const width = `${(100 * (held || 0)).toFixed(1)}%`;
  if (bar.style.width === width) return;
  bar.style.width = width;
  bar.parentElement?.setAttribute("title", `${share(held)} of its slots still held`);
}
