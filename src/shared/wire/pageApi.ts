/**
 * What the browser server tells a page to do in the browser, because only the page can: the
 * answer to requests that in an editor the host fulfils itself.
 */
export interface PageEvents {
  copyText: { text: string };
  openAddress: { address: string };
  /** A place on the server itself, in the tab of that name; one that is open is shown as it is. */
  showTab: { address: string; tab: string };
  download: { name: string; bytes: ArrayBuffer };
}

/** What the browser server lets a page ask the person. */
export interface PageRequests {
  /** The chosen one's index; null when the person gave up. */
  choose: { params: { title: string; choices: string[] }; result: number | null };
}
