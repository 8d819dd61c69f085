import { importance } from "./importance";
import type { Policy } from "./policy";
import { redundancy } from "./redundancy";

/**
 * R-KV (arXiv 2505.24133), in the form of the authors' code: λ·importance − (1−λ)·redundancy, per
 * KV head. importance.ts and redundancy.ts say where code and paper part.
 */
export const rkv: Policy = {
  name: "rkv",
  score(s) {
    const { g } = s;
    const parts = { importance: importance(s), redundancy: redundancy(s) };
    const lambda = s.scalar("lambda");
    const attended = g.node("Mul", [lambda, parts.importance]);
    const repeated = g.node("Mul", [g.node("Sub", [g.float(1), lambda]), parts.redundancy]);
    return { score: g.node("Sub", [attended, repeated]), parts };
  },
};
