/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { disturbedView } from "./disturbedView";
import { downloads } from "./downloads";
import { fullDisk } from "./fullDisk";
import { hostileTraces } from "./hostileText";
import { leakCorpus } from "./leakCorpus";
import { localServer } from "./localServer";
import { mutatedTraces } from "./mutatedTraces";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";

export const attacks: readonly Attack[] = [
  mutatedTraces,
  fullDisk,
  downloads,
  disturbedView,
  severalWindows,
  localServer,
  leakCorpus,
  hostileTraces,
  restrictedMode,
];
