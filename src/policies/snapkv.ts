import { importance } from "./graph/importance";
import type { Policy } from "./policy";

/**
 * SnapKV (arXiv 2404.14469) while decoding, as R-KV's authors ran it: importance alone, with the
 * max-pool 7 of their code (SnapKV's own pools by average, over 5).
 */
export const snapkv: Policy = {
  name: "snapkv",
  slotOrder: "score",
  score(s) {
    const attended = importance(s);
    return { score: attended, parts: { importance: attended } };
  },
};
