/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { disturbedView } from "./disturbedView";
import { garbageFiles } from "./garbageFiles";
import { leakCorpus } from "./leakCorpus";
import { localServer } from "./localServer";
import { modelPaths } from "./modelPaths";
import { mutatedModels } from "./mutatedModels";
import { mutatedTraces } from "./mutatedTraces";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";
import { shortMemory } from "./shortMemory";

export const attacks: readonly Attack[] = [
  mutatedModels,
  mutatedTraces,
  garbageFiles,
  modelPaths,
  shortMemory,
  disturbedView,
  severalWindows,
  localServer,
  leakCorpus,
  restrictedMode,
];
