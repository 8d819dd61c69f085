/** Asks before an address that the model wrote is opened, and shows all of it. */
import { element } from "../../common/dom";
import { button } from "../../common/toolkit";

export function confirmLink(address: string, open: () => void, copy: () => void): void {
  const dialog = element("dialog", { class: "linkDialog", "aria-label": "Open a link" });
  const leaveAnd = (then: () => void) => () => {
    dialog.close();
    then();
  };
  dialog.append(
    element("p", {}, "The model wrote this address. Open it in your browser?"),
    element("p", { class: "linkAddress" }, address),
    element(
      "div",
      { class: "editorButtons" },
      button({ label: "Cancel", appearance: "secondary", onClick: () => dialog.close() }),
      button({ label: "Copy", appearance: "secondary", onClick: leaveAnd(copy) }),
      button({ label: "Open", onClick: leaveAnd(open) }),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
