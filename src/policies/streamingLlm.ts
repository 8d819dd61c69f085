import type { Policy } from "./policy";

const sinks = 4;

/**
 * StreamingLLM (arXiv 2309.17453): the first four slots and the newest. The score is the slot's
 * number, raised above all others for the four sinks.
 */
export const streamingLlm: Policy = {
  name: "streaming-llm",
  score(s) {
    const { g } = s;
    const slots = s.slotNumbers();
    const isSink = g.node("Less", [slots, g.float(sinks)]);
    const raised = g.node("Where", [isSink, s.lengthAsFloat(), g.float(0)]);
    const score = s.candidatesOf(s.inEveryHead(g.node("Add", [slots, raised])));
    return { score, parts: {} };
  },
};
