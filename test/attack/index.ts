/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { disturbedView } from "./disturbedView";
import { leakCorpus } from "./leakCorpus";
import { localServer } from "./localServer";
import { mutatedModels } from "./mutatedModels";
import { mutatedTraces } from "./mutatedTraces";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";

export const attacks: readonly Attack[] = [
  mutatedModels,
  mutatedTraces,
  disturbedView,
  severalWindows,
  localServer,
  leakCorpus,
  restrictedMode,
];
