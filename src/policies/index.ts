/** The graph of each policy in the table of src/shared/settings/policies.ts, by `npm run tables`. */
import type { PolicyName } from "../shared/settings/policies";
import type { Policy } from "./policy";
import { full } from "./full";
import { keydiff } from "./keydiff";
import { random } from "./random";
import { rkv } from "./rkv";
import { snapkv } from "./snapkv";
import { streamingLlm } from "./streamingLlm";

export const policies: Record<PolicyName, Policy> = {
  rkv,
  snapkv,
  "streaming-llm": streamingLlm,
  keydiff,
  random,
  full,
};
