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
