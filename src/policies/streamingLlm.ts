import type { Policy } from "./policy";

const sinks = 4;

/**
 * StreamingLLM (arXiv 2309.17453): the first four slots and the newest. The score is the slot's
 * number; the four sinks stand above all others, the first one highest.
 */
export const streamingLlm: Policy = {
  name: "streaming-llm",
  slotOrder: "position",
  score(s) {
    const { g } = s;
    const slots = s.slotNumbers();
    const isSink = g.node("Less", [slots, g.float(sinks)]);
    const above = g.node("Add", [s.lengthAsFloat(), g.node("Sub", [g.float(sinks), slots])]);
    const score = g.node("Where", [isSink, above, slots]);
    return { score: s.candidatesOf(s.inEveryHead(score)), parts: {} };
  },
};
