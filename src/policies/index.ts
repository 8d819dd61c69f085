/** Every policy there is. A new one: a file, a line here, a row in the conformance test, a line in README. */
import type { PolicyName } from "../shared/settings/settings";
import { full } from "./full";
import { keydiff } from "./keydiff";
import type { Policy } from "./policy";
import { random } from "./random";
import { rkv } from "./rkv";
import { snapkv } from "./snapkv";
import { streamingLlm } from "./streamingLlm";

export const policies: Record<PolicyName, Policy> = {
  full,
  rkv,
  snapkv,
  "streaming-llm": streamingLlm,
  keydiff,
  random,
};
