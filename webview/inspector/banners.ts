import { count, counted } from "../common/format";
import { element } from "../common/dom";
import type { Loaded } from "./loader";
import type { Run } from "./model/run";
import type { Context } from "./view";

/** Sentences that must not be missed: a cut file, compression that never fired. */
export function banners({ store }: Context, { reader }: Pick<Loaded, "reader">) {
  const root = element("div", { class: "banners", role: "status" });
  let said = "";
  return {
    root,
    /** Says something until the next thing; nothing for an empty text. */
    say(words: string): void {
      said = words;
      this.draw();
    },
    draw(): void {
      const { recovery } = reader;
      const lines = [
        ...(said ? [said] : []),
        ...(recovery.problem && store.state.run.end === undefined
          ? [
              `${count(recovery.bytes)} of ${count(recovery.of)} bytes could be read. ${recovery.problem}`,
            ]
          : []),
        ...(neverFired(store.state.run) ?? []),
      ];
      if (lines.join("\n") === [...root.children].map((line) => line.textContent).join("\n"))
        return;
      root.replaceChildren(...lines.map((line) => element("p", {}, line)));
    },
  };
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
