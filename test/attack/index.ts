/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { agedTraces } from "./agedTraces";
import { changedInMidRun } from "./changedInMidRun";
import { chaos } from "./chaos";
import { crashLoop } from "./crashLoop";
import { deviceLost } from "./deviceLost";
import { disturbedView } from "./disturbedView";
import { downloads } from "./downloads";
import { engineHung } from "./engineHung";
import { engineKilled } from "./engineKilled";
import { eventLoad } from "./eventLoad";
import { fullDisk } from "./fullDisk";
import { garbageFiles } from "./garbageFiles";
import { leakCorpus } from "./leakCorpus";
import { localServer } from "./localServer";
import { modelPaths } from "./modelPaths";
import { mutatedModels } from "./mutatedModels";
import { mutatedSource } from "./mutatedSource";
import { mutatedTraces } from "./mutatedTraces";
import { noDevice } from "./noDevice";
import { numbers } from "./numbers";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";
import { shortMemory } from "./shortMemory";
import { soaked } from "./soaked";

export const attacks: readonly Attack[] = [
  mutatedModels,
  mutatedTraces,
  garbageFiles,
  modelPaths,
  engineKilled,
  engineHung,
  crashLoop,
  fullDisk,
  downloads,
  noDevice,
  deviceLost,
  shortMemory,
  disturbedView,
  severalWindows,
  changedInMidRun,
  soaked,
  eventLoad,
  localServer,
  leakCorpus,
  restrictedMode,
  numbers,
  agedTraces,
  chaos,
  mutatedSource,
];
