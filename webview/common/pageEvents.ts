/** In a browser: copies, opens and saves what the server hands to the page. */
import type { PageEvents } from "../../src/shared/wire/pageApi";
import type { Listeners } from "../../src/shared/wire/wire";
import { element } from "./dom";

export const pageListeners: Listeners<PageEvents> = {
  copyText: ({ text }) => void navigator.clipboard.writeText(text),
  openAddress: ({ address }) => void window.open(address, "_blank", "noopener,noreferrer"),
  showTab: ({ address, tab }) => showTab(address, tab),
  download: ({ name, bytes }) => {
    const address = URL.createObjectURL(new Blob([bytes]));
    element("a", { href: address, download: name }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  },
};

/** Without an address the browser gives the tab of that name as it is, or else a blank one. */
function showTab(address: string, name: string): void {
  const tab = window.open("", name);
  if (tab?.location.href === "about:blank") tab.location.replace(address);
  tab?.focus();
}
