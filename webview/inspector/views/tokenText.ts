import { element } from "../../common/dom";
import { visibleText } from "../../common/visibleText";
import { textField } from "../../common/toolkit";
import { share } from "../model/numbers";
import { heldShare, stepAt } from "../model/moment";
import type { Run, Step } from "../model/run";
import { survival } from "../model/survival";
import { select } from "../state";
import { shadeOf } from "../theme";
import type { Context, View } from "../view";

/** Tokens that one block holds at most; blocks out of sight are not filled. */
const blockTokens = 400;

interface Block {
  from: number;
  to: number;
  root: HTMLElement;
  body: HTMLElement;
  /** The step's bar; only its first block has one. */
  bar?: HTMLElement;
  tokens: HTMLElement[];
  visible: boolean;
}

/** The text itself: every token shaded by what still holds it, struck where nothing does. */
export function tokenText(context: Context): View {
  const { store } = context;
  const list = element("div", { class: "token-list" });
  const root = element("div", { class: "token-text", tabindex: 0, role: "application" }, list);
  root.setAttribute("aria-label", "Token text. Arrow keys move from token to token.");
  const blocks: Block[] = [];
  let steps: Step[] = [];
  let builtFor: Run | undefined;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const block = blocks[Number((target as HTMLElement).dataset.block)];
        if (block) block.visible = isIntersecting;
      }
      shade();
    },
    { root, rootMargin: "200px" },
  );
  list.addEventListener("click", (event) => select(store, positionOf(event)));
  list.addEventListener("pointermove", (event) => store.update({ hovered: positionOf(event) }));
  list.addEventListener("pointerleave", () => store.update({ hovered: undefined }));

  function build(): void {
    const { run } = store.state;
    steps = run.steps;
    const wanted = blocksOf(run, steps);
    let same = builtFor === run ? 0 : -1;
    if (same === 0)
      while (same < blocks.length && same < wanted.length && equal(blocks[same], wanted[same]))
        same++;
    for (const block of blocks.splice(Math.max(0, same))) {
      observer.unobserve(block.root);
      block.root.remove();
    }
    for (const { from, to, step } of wanted.slice(blocks.length)) {
      const block = makeBlock(blocks.length, from, to, step, steps);
      blocks.push(block);
      list.append(block.root);
      observer.observe(block.root);
    }
    builtFor = run;
  }

  function shade(): void {
    const { run, selected, hovered, search } = store.state;
    const { moment } = store;
    const wanted = search.toLowerCase();
    for (const block of blocks) {
      if (block.bar) barOf(run, steps, block, moment.compactions);
      if (!block.visible) continue;
      if (block.tokens.length === 0) fill(run, block);
      block.tokens.forEach((token, index) => {
        const position = block.from + index;
        const held = heldShare(run, position, moment);
        const level = Number.isNaN(held) ? "future" : `h${shadeOf(held)}`;
        const marks = [
          "token",
          level,
          position === selected ? "selected" : "",
          position === hovered ? "hovered" : "",
          wanted && run.texts[position].toLowerCase().includes(wanted) ? "found" : "",
        ];
        const name = marks.filter(Boolean).join(" ");
        if (token.className !== name) token.className = name;
      });
    }
  }

  const field = textField({
    label: "Find in the text",
    placeholder: "Find",
    icon: "search",
    onInput: (search) => {
      store.update({ search });
      reveal(store.state.run.texts.findIndex((text) => matches(text, search)));
    },
  });
  field.classList.add("find");
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") findNext(event.shiftKey ? -1 : 1);
  });

  function findNext(direction: 1 | -1): void {
    const { run, search, selected } = store.state;
    if (!search) return;
    const from = selected ?? (direction === 1 ? -1 : run.tokens);
    for (let step = 1; step <= run.tokens; step++) {
      const position = (((from + direction * step) % run.tokens) + run.tokens) % run.tokens;
      if (matches(run.texts[position], search)) {
        select(store, position);
        return;
      }
    }
  }

  function reveal(position: number | undefined): void {
    if (position === undefined || position < 0) return;
    const block = blocks.find(({ from, to }) => position >= from && position < to);
    if (!block) return;
    if (block.tokens.length === 0) fill(store.state.run, block);
    block.tokens[position - block.from]?.scrollIntoView({ block: "nearest" });
  }

  let shown: number | undefined;
  let followed = 0;
  return {
    root,
    needs: ["run", "version", "tokens", "selected", "hovered", "search", "theme"],
    tools: [field],
    draw() {
      build();
      shade();
      const { selected, following, tokens } = store.state;
      if (selected !== shown) reveal(selected);
      else if (following && tokens !== followed && followed > 0) reveal(tokens - 1);
      shown = selected;
      followed = tokens;
    },
    subtitle: () => "shade: layers and heads that hold it · struck: none does",
    table: () => tokenTable(context),
    onKey(event) {
      const at = stepAt(steps, store.state.selected ?? store.state.tokens - 1);
      const to = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : NaN;
      if (!(to in steps)) return false;
      select(store, steps[to].from);
      return true;
    },
  };
}

function matches(text: string, search: string): boolean {
  return search !== "" && text.toLowerCase().includes(search.toLowerCase());
}

function positionOf(event: Event): number | undefined {
  const position = (event.target as HTMLElement).closest<HTMLElement>("[data-position]");
  return position ? Number(position.dataset.position) : undefined;
}

interface Wanted {
  from: number;
  to: number;
  step: number;
}

function blocksOf(run: Run, steps: Step[]): Wanted[] {
  const whole = steps.length > 0 ? steps : [{ from: 0, to: run.tokens }];
  return whole.flatMap(({ from, to }, step) =>
    Array.from({ length: Math.ceil((to - from) / blockTokens) }, (_, index) => ({
      step,
      from: from + index * blockTokens,
      to: Math.min(to, from + (index + 1) * blockTokens),
    })),
  );
}

function equal(block: Block, wanted: Wanted): boolean {
  return block.from === wanted.from && block.to === wanted.to;
}

function makeBlock(index: number, from: number, to: number, step: number, steps: Step[]): Block {
  const heading = steps[step];
  const isFirst = heading?.from === from;
  const bar = isFirst ? element("span", { class: "bar" }) : undefined;
  const name = heading?.kind === "prompt" ? "Prompt" : `Step ${step}`;
  const label = element(
    "div",
    { class: "step-name" },
    isFirst && element("span", {}, name),
    bar && element("span", { class: "bar-track" }, bar),
  );
  const body = element("div", { class: "tokens" });
  const root = element("div", { class: "step", "data-block": index }, label, body);
  body.style.minHeight = `${Math.ceil((to - from) / 12) * 20}px`;
  return { from, to, root, body, bar, tokens: [], visible: false };
}

function fill(run: Run, block: Block): void {
  const { from, to, body } = block;
  for (let position = from; position < to; position++) {
    const text = visibleText(run.texts[position]);
    const word = text.trim();
    const token = element("span", { "data-position": position }, word || "·");
    block.tokens.push(token);
    body.append(
      text.slice(0, text.indexOf(word)),
      token,
      word ? text.trimStart().slice(word.length) : "",
    );
    if (text.includes("\n")) body.append(element("br"));
  }
  body.style.minHeight = "";
}

const survivals = new WeakMap<Run, { version: number; held: Map<number, Float32Array> }>();

function barOf(run: Run, steps: Step[], block: Block, compactions: number): void {
  let known = survivals.get(run);
  if (known?.version !== run.version) {
    known = { version: run.version, held: new Map() };
    survivals.set(run, known);
  }
  const step = stepAt(steps, block.from);
  const { from, to } = steps[step] ?? block;
  const held = known.held.get(from) ?? survival(run, from, to).held;
  known.held.set(from, held);
  const value = held[compactions] ?? NaN;
  if (!block.bar) return;
  block.bar.style.width = `${100 * (value || 0)}%`;
  block.bar.parentElement?.setAttribute("title", `${share(value)} of its slots still held`);
}

function tokenTable({ store }: Context) {
  const { run } = store.state;
  const { moment } = store;
  return {
    columns: ["position", "token", "step", "share held", "forgotten at compaction"],
    rows: run.texts.slice(0, moment.tokens).map((text, position) => {
      const forgotten = run.evictions.forgottenAt(position);
      return [
        position,
        visibleText(text),
        stepAt(run.steps, position),
        heldShare(run, position, moment),
        forgotten < moment.compactions ? forgotten + 1 : "",
      ];
    }),
  };
}
