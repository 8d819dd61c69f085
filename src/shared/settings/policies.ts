/**
 * What people read of each policy, in the order in which they are offered. A row has its graph, with
 * the paper's formula, in the file of its name in src/policies; after a change, `npm run tables`
 * brings the manifest, README and the index of those files up to it.
 */
export interface PolicyWords {
  label: string;
  /** Beside the label: what it keeps, in a few words. */
  description: string;
  /** What it keeps, in full. */
  keeps: string;
  /** Its paper on arXiv. */
  paper?: string;
  /** Where it has no graph, and the budget means nothing. */
  evictsNothing?: true;
}

const table = {
  rkv: {
    label: "R-KV",
    description: "importance against redundancy",
    keeps:
      "what the newest queries attend to and no other key repeats: λ·importance − (1−λ)·redundancy, as the authors' code has it, the order of slots included",
    paper: "2505.24133",
  },
  snapkv: {
    label: "SnapKV",
    description: "what the newest tokens look at",
    keeps: "what the newest queries attend to",
    paper: "2404.14469",
  },
  "streaming-llm": {
    label: "StreamingLLM",
    description: "the first tokens and the newest",
    keeps: "the first four tokens and the newest ones",
    paper: "2309.17453",
  },
  keydiff: {
    label: "KeyDiff",
    description: "keys unlike the others",
    keeps: "keys that point away from the mean key",
    paper: "2504.15364",
  },
  random: {
    label: "Random",
    description: "a baseline for comparison",
    keeps: "a uniform sample; with the prompt pinned a strong baseline",
  },
  full: {
    label: "Full cache",
    description: "nothing is evicted",
    keeps: "everything",
    evictsNothing: true,
  },
} as const satisfies Record<string, PolicyWords>;

export type PolicyName = keyof typeof table;

export const policyWords: Record<PolicyName, PolicyWords> = table;

export const policyNames = Object.keys(table) as [PolicyName, ...PolicyName[]];

/** A trace may name a policy that only its writer knew: that one is called as it is written. */
export function policyLabel(name: string): string {
  return isPolicy(name) ? policyWords[name].label : name;
}

/** Whether a word from outside is a policy's name. */
export function isPolicy(name: string): name is PolicyName {
  return Object.hasOwn(policyWords, name);
}
