/**
 * What the browser server tells a page to do in the browser, because only the page can: the
 * answer to requests that in an editor the host fulfils itself.
 */
export interface PageEvents {
  copyText: { text: string };
  /** An https address, or a place on the server itself such as “/inspector?answer=…”. */
  openAddress: { address: string };
  download: { name: string; bytes: ArrayBuffer };
}

/** What the browser server lets a page ask the person. */
export interface PageRequests {
  /** The chosen one's index; null when the person gave up. */
  choose: { params: { title: string; choices: string[] }; result: number | null };
}
