import type { Policy } from "./policy";

/**
 * Every candidate is as good as any other. With the prompt pinned this is Random Attention
 * (arXiv 2609.03430), a strong baseline.
 */
export const random: Policy = {
  name: "random",
  slotOrder: "position",
  score(s) {
    return { score: s.noise(), parts: {} };
  },
};
