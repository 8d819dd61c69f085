import { importance } from "./graph/importance";
import type { Policy } from "./policy";
import { redundancy } from "./graph/redundancy";

/**
 * R-KV (arXiv 2505.24133), in the form of the authors' code: λ·importance − (1−λ)·redundancy, per
 * KV head. importance.ts and redundancy.ts say where code and paper part. Pooling and the last
 * similar key go by the order in which that code leaves its cache (`r1_kv.py`): the survivors by
 * falling score, the window, then new tokens. Its ports to serving engines sort by position
 * instead, and decide once for all heads.
 */
export const rkv: Policy = {
  name: "rkv",
  slotOrder: "score",
  score(s) {
    const { g } = s;
    const parts = { importance: importance(s), redundancy: redundancy(s) };
    const lambda = s.scalar("lambda");
    const attended = g.node("Mul", [lambda, parts.importance]);
    const repeated = g.node("Mul", [g.node("Sub", [g.float(1), lambda]), parts.redundancy]);
    return { score: g.node("Sub", [attended, repeated]), parts };
  },
};
