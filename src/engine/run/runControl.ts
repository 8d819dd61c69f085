/** What a host may still say to a run in progress. The run looks between two steps. */
import type { CacheSettings } from "../../shared/settings/settings";

export interface RunControl {
  readonly run: string;
  cache: CacheSettings;
  isCancelled: boolean;
}
