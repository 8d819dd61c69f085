/** An inspector beside which there is nothing but the trace. */
import type { InspectorSurroundings } from "../../src/client/inspector/inspectorHost";

const refuse = (): Promise<never> => Promise.reject(new Error("This bench only watches."));
export const onlyLooking: InspectorSurroundings = {
  abilities: { replay: false, compare: false, reveal: false, follow: false },
  replay: refuse,
  cancelReplay: refuse,
  pickComparison: refuse,
  saveFile: refuse,
  copy: refuse,
  viewer: refuse,
  reveal: refuse,
  openAnother: refuse,
};
