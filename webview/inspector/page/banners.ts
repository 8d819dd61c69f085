import type { TraceReader } from "../../../src/shared/trace/reader";
import { count, counted } from "../../common/format";
import { element, setHidden } from "../../common/dom";
import type { Run } from "../model/run";
import type { Context } from "../view";

/** Sentences that must not be missed: a cut file, compression that never fired. */
export function banners({ store }: Context, reader: () => TraceReader) {
  const lines = element("div", { role: "status" });
  const progress = element("progress", { max: 1, "aria-label": "Reading the trace" });
  const root = element("div", { class: "banners" }, progress, lines);
  let said = "";
  let shown = "";
  let retry: () => void = () => undefined;
  const again = element("button", { class: "link", onclick: () => retry() }, "Try again");
  const close = element("button", { class: "tool", "aria-label": "Close", onclick: () => say("") });
  close.append("✕");
  const buttons = element("span", { class: "buttons" }, again, close);

  /**
   * Says something until the next thing or until it is closed; nothing for an empty text.
   *
   * @param action what failed, where it can be tried again
   */
  function say(words: string, action?: () => void): void {
    said = words;
    setHidden(again, action === undefined);
    retry = () => {
      say("");
      action?.();
    };
    draw();
  }

  return { root, say, draw };

  function draw(): void {
    const { bytes, of, problem } = reader().recovery;
    const cut = `${count(bytes)} of ${count(of)} bytes could be read. ${problem ?? ""}`;
    const words = [
      ...(said ? [said] : []),
      ...(problem && !store.state.live ? [cut] : []),
      ...(neverFired(store.state.run) ?? []),
    ];
    setHidden(progress, bytes === of || problem !== undefined || store.state.live);
    progress.value = bytes / of;
    if (words.join("\n") === shown) return;
    shown = words.join("\n");
    lines.replaceChildren(
      ...words.map((line) => element("p", {}, element("span", {}, line), line === said && buttons)),
    );
  }
}

/** A run that looks compressed and never was: the silent full cache. */
export function neverFired(run: Run): string[] | undefined {
  const { cache } = run.settings.at(-1) ?? {};
  if (!cache || !run.end || run.compactions.length > 0 || cache.policy === "full") return undefined;
  const budget = cache.budget.kind === "count" ? ` and the budget is ${cache.budget.slots}` : "";
  return [
    `Compression never fired: the text has ${counted(run.tokens, "token")}${budget}. These figures are those of a full cache.`,
  ];
}
