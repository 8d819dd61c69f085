import type { Work } from "../../../webview/inspector/model/pieces";

/** What work comes to, without a rest. */
export function finished<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
