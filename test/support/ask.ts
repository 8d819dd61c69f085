import type { GenerateParams } from "../../src/shared/wire/engineApi";
import { defaultCacheSettings, defaultSamplingSettings } from "../../src/shared/settings/settings";

/** A generate request with defaults for all that a test of its host does not care about. */
export function ask(content: string, run = "run"): GenerateParams {
  return {
    run,
    prompt: { kind: "chat", messages: [{ role: "user", content }] },
    cache: defaultCacheSettings,
    sampling: defaultSamplingSettings,
    maxTokens: 100,
    chains: 1,
  };
}
