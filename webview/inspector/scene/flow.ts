/** Text that flows: every token an element, of which only those near the sight are made and shaded. */
import { visibleText } from "../../../src/shared/strangersText";
import { element } from "../../common/dom";
import { share } from "../model/numbers";
import { longestToken } from "./flowPicture";
import type { Flow, Paragraph, TokenLook } from "./scene";
import { shadeOf } from "./theme";

/** Tokens that one block holds at most; blocks out of sight are not filled. */
const blockTokens = 400;

/** Of a moment that runs, the text is drawn no more often; nobody reads it meanwhile. */
const runningMillis = 50;

/** Above the newest token there is its past to be read; below it comes more. */
const aroundMoment = [0.5, 0.15] as const;

/** So long after a draw, what comes into sight was brought there by it. */
const settlingMillis = 300;

type Place = { paragraph: number; from: number; to: number };

/** Shares of the text's height are to be in sight above the token and below it. */
type Sought = [position: number | undefined, above: number, below: number];

/** A stretch of one paragraph: its tokens as elements, once it has been in sight. */
interface Block extends Place {
  root: HTMLElement;
  body: HTMLElement;
  /** The paragraph's bar; only its first block has one. */
  bar?: HTMLElement;
  tokens: HTMLElement[];
  /** Their classes; to ask an element for its own is slow. */
  names: string[];
  isSeen: boolean;
}

export class FlowText {
  readonly root: HTMLElement;
  private readonly list = element("div", { class: "token-list" });
  private readonly blocks: Block[] = [];
  private readonly byRoot = new WeakMap<Element, Block>();
  private flow: Flow | undefined;
  private drawnAt = -Infinity;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  /** What was last brought into sight. */
  private sought: Sought = [undefined, 0, 0];
  private settling: ReturnType<typeof setTimeout> | undefined;

  /** @param label what it shows, for screen readers */
  constructor(label: string) {
    const attributes = { class: "token-text", tabindex: 0, role: "application" };
    this.root = element("div", { ...attributes, "aria-label": label }, this.list);
    this.list.addEventListener("contentvisibilityautostatechange", (event) =>
      this.note(event as ContentVisibilityAutoStateChangeEvent),
    );
  }

  show(flow: Flow): void {
    clearTimeout(this.waiting);
    const early = runningMillis - (performance.now() - this.drawnAt);
    if (early > 0 && this.flow && isMoved(this.flow, flow))
      this.waiting = setTimeout(() => this.draw(flow), early);
    else this.draw(flow);
  }

  private draw(flow: Flow): void {
    const before = this.flow;
    this.flow = flow;
    this.drawnAt = performance.now();
    if (before?.source !== flow.source) this.cut(0);
    if (before?.paragraphs !== flow.paragraphs) this.follow(flow.paragraphs);
    this.shade();
    const changed = flow.reveals.findIndex((at, index) => at !== before?.reveals[index]);
    if (changed >= 0) this.sought = [flow.reveals[changed], 0, 0];
    else if (before?.moment !== flow.moment) this.sought = [flow.moment, ...aroundMoment];
    else return;
    this.reveal();
  }

  /** The first token in sight. */
  get first(): number {
    const { top } = this.root.getBoundingClientRect();
    for (const { tokens, from, isSeen } of this.blocks) {
      if (!isSeen) continue;
      const index = tokens.findIndex((token) => token.getBoundingClientRect().bottom > top + 4);
      if (index >= 0) return from + index;
    }
    return 0;
  }

  private note({ target, skipped }: ContentVisibilityAutoStateChangeEvent): void {
    const block = this.byRoot.get(target as Element);
    if (!block) return;
    block.isSeen = !skipped;
    if (skipped) return;
    if (block.names.length === 0) this.settle();
    this.shadeBlock(block);
  }

  /** A block that is new in sight is of another height than was guessed, and moves what was sought. */
  private settle(): void {
    if (performance.now() - this.drawnAt > settlingMillis) return;
    this.settling ??= setTimeout(() => {
      this.settling = undefined;
      this.reveal();
    });
  }

  /** Takes in what the text has grown by. */
  private follow(paragraphs: readonly Paragraph[]): void {
    const wanted = placesOf(paragraphs);
    const same = wanted.findIndex(({ from, to, paragraph }, index) => {
      const block = this.blocks[index];
      return block?.from !== from || block.paragraph !== paragraph || block.to > to;
    });
    this.cut(same < 0 ? wanted.length : same);
    this.blocks.forEach((block, index) => (block.to = wanted[index].to));
    for (const place of wanted.slice(this.blocks.length))
      this.append(makeBlock(paragraphs[place.paragraph], place));
  }

  private append(block: Block): void {
    this.blocks.push(block);
    this.byRoot.set(block.root, block);
    this.list.append(block.root);
  }

  private cut(length: number): void {
    for (const { root } of this.blocks.splice(length)) root.remove();
  }

  /** Scrolls no further than needed, and nothing but the text. */
  private reveal(): void {
    const [position, before, after] = this.sought;
    if (position === undefined || !this.flow) return;
    const block = this.blocks.find(({ from, to }) => position >= from && position < to);
    if (!block) return;
    fill(this.flow, block);
    const token = block.tokens[position - block.from].getBoundingClientRect();
    const { top, bottom, height } = this.root.getBoundingClientRect();
    const above = token.top - before * height - top;
    const below = token.bottom + after * height - bottom;
    if (above < 0) this.root.scrollTop += above;
    else if (below > 0) this.root.scrollTop += below;
  }

  private shade(): void {
    for (const block of this.blocks) if (block.isSeen) this.shadeBlock(block);
  }

  private shadeBlock(block: Block): void {
    const { flow } = this;
    if (!flow) return;
    drawBar(flow.paragraphs[block.paragraph], block.bar);
    fill(flow, block);
    block.tokens.forEach((token, index) => {
      const name = classOf(flow.look(block.from + index));
      if (block.names[index] === name) return;
      block.names[index] = name;
      token.className = name;
    });
  }
}

/** Whether the moment is another one in the same text. */
function isMoved(before: Flow, now: Flow): boolean {
  return before.moment !== now.moment && before.paragraphs.at(-1)?.to === now.paragraphs.at(-1)?.to;
}

function placesOf(paragraphs: readonly Paragraph[]): Place[] {
  return paragraphs.flatMap(({ from, to }, paragraph) =>
    Array.from({ length: Math.ceil((to - from) / blockTokens) }, (_, index) => ({
      paragraph,
      from: from + index * blockTokens,
      to: Math.min(to, from + (index + 1) * blockTokens),
    })),
  );
}

function makeBlock(heading: Paragraph, place: Place): Block {
  const { from, to } = place;
  const name = heading.from === from ? heading.name : undefined;
  const bar = name === undefined ? undefined : element("span", { class: "bar" });
  const label = element(
    "div",
    { class: "step-name", title: heading.title },
    name !== undefined && element("span", {}, name),
    bar && element("span", { class: "bar-track" }, bar),
  );
  const body = element("div", { class: "tokens" });
  const root = element("div", { class: "step" }, label, body);
  const height = `${Math.ceil((to - from) / 12) * 20}px`;
  root.style.containIntrinsicHeight = `auto ${height}`;
  body.style.minHeight = height;
  return { ...place, root, body, bar, tokens: [], names: [], isSeen: false };
}

/** Makes the elements of a block's tokens that are not there yet. */
function fill(flow: Flow, { from, to, body, tokens }: Block): void {
  for (let position = from + tokens.length; position < to; position++) {
    const text = visibleText(flow.text(position).slice(0, longestToken));
    const word = text.trim();
    const token = element("span", { "data-position": position }, word || "·");
    tokens.push(token);
    const [before, after] = [
      text.slice(0, text.indexOf(word)),
      text.trimStart().slice(word.length),
    ];
    body.append(before, token, word ? after : "");
    if (text.includes("\n")) body.append(element("br"));
  }
  if (body.style.minHeight) body.style.minHeight = "";
}

function classOf({ held, isSelected, isPointed, isFound, isPaired, isNewest }: TokenLook): string {
  let name = Number.isNaN(held) ? "token future" : `token h${shadeOf(held)}`;
  if (isSelected) name += " selected";
  if (isPointed) name += " hovered";
  if (isPaired) name += " paired";
  if (isNewest) name += " newest";
  return isFound ? `${name} found` : name;
}

/** Says beside a block how much of its paragraph is held. */
function drawBar({ held }: Paragraph, bar: HTMLElement | undefined): void {
  const width = `${(100 * (held || 0)).toFixed(1)}%`;
  if (!bar || bar.style.width === width) return;
  bar.style.width = width;
  bar.parentElement?.setAttribute("title", `${share(held)} of its slots still held`);
}
