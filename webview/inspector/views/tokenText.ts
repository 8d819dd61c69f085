import { element } from "../../common/dom";
import { textField } from "../../common/toolkit";
import { historyOf } from "../state/historyOf";
import { heldShare, stepAt } from "../model/moment";
import { extendTo, select, selectedRange } from "../state/state";
import { shadeOf } from "../scene/theme";
import { tokenTable } from "./parts/tokenTable";
import type { Context, View } from "../view";
import { drawBar, fill, TokenBlocks } from "./tokenBlocks";

/** The text itself: every token shaded by what still holds it, struck where nothing does. */
export function tokenText(context: Context): View {
  const { store } = context;
  const list = element("div", { class: "token-list" });
  const root = element("div", { class: "token-text", tabindex: 0, role: "application" }, list);
  root.setAttribute("aria-label", "Token text. Arrow keys move from token to token.");
  const shown = new TokenBlocks(root, list, shade);
  list.addEventListener("click", (event) => {
    const position = positionOf(event);
    if (event.shiftKey && position !== undefined) extendTo(store, position);
    else select(store, position);
  });
  list.addEventListener("pointermove", (event) => store.update({ hovered: positionOf(event) }));
  list.addEventListener("pointerleave", () => store.update({ hovered: undefined }));

  function shade(): void {
    const { run, hovered, search } = store.state;
    const { moment } = store;
    const [from, to] = selectedRange(store.state) ?? [-1, -1];
    const steps = historyOf(context) ?? [];
    for (const block of shown.blocks) {
      if (!block.visible) continue;
      drawBar(steps, block, moment.compactions);
      fill(run, block);
      block.tokens.forEach((token, index) => {
        const position = block.from + index;
        const held = heldShare(run, position, moment);
        let name = Number.isNaN(held) ? "token future" : `token h${shadeOf(held)}`;
        if (position >= from && position < to) name += " selected";
        if (position === hovered) name += " hovered";
        if (matches(run.texts[position], search)) name += " found";
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
      const first = store.state.run.texts.findIndex((word) => matches(word, search));
      reveal(first < 0 ? undefined : first);
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
    if (position === undefined) return;
    shown.tokenAt(position)?.scrollIntoView({ block: "nearest" });
  }

  let revealed: number | undefined;
  let followed = 0;
  return {
    root,
    needs: ["run", "version", "tokens", "selected", "extent", "hovered", "search", "theme"],
    tools: [field],
    draw() {
      shown.follow(store.state.run);
      shade();
      const { selected, live, following, tokens } = store.state;
      if (selected !== revealed) reveal(selected);
      else if (live && following && tokens !== followed) reveal(tokens - 1);
      revealed = selected;
      followed = tokens;
    },
    subtitle: () => "struck: held by none",
    table: () => tokenTable(store, 0, store.moment.tokens),
    onKey(event) {
      const { steps } = store.state.run;
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
