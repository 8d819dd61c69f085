/** In a browser: lets the person choose one of several. */
import type { PageRequests } from "../../src/shared/wire/pageApi";
import { element } from "./dom";

/** The chosen one's index; null when the dialog was left with Escape. */
export function choose({
  title,
  choices,
}: PageRequests["choose"]["params"]): Promise<number | null> {
  return new Promise((resolve) => {
    const take = (index: number) => () => {
      resolve(index);
      dialog.close();
    };
    const dialog = element(
      "dialog",
      { class: "chooser", "aria-label": title },
      element("h2", {}, title),
      ...choices.map((choice, index) => element("button", { onclick: take(index) }, choice)),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
