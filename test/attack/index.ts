/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { agedTraces } from "./agedTraces";
import { changedInMidRun } from "./changedInMidRun";
import { chaos } from "./chaos";
import { crashLoop } from "./crashLoop";
import { deviceLost } from "./deviceLost";
import { disturbedView } from "./disturbedView";
import { downloads } from "./downloads";
import { fullDisk } from "./fullDisk";
import { hostileTraces } from "./hostileText";
import { engineHung } from "./engineHung";
import { engineKilled } from "./engineKilled";
import { eventLoad } from "./eventLoad";
import { leakCorpus } from "./leakCorpus";
import { localServer } from "./localServer";
import { mutatedSource } from "./mutatedSource";
import { mutatedTraces } from "./mutatedTraces";
import { noDevice } from "./noDevice";
import { numbers } from "./numbers";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";
import { soaked } from "./soaked";

export const attacks: readonly Attack[] = [
  mutatedTraces,
  engineKilled,
  engineHung,
  crashLoop,
  fullDisk,
  downloads,
  noDevice,
  deviceLost,
  disturbedView,
  severalWindows,
  changedInMidRun,
  soaked,
  eventLoad,
  localServer,
  leakCorpus,
  hostileTraces,
  restrictedMode,
  numbers,
  agedTraces,
  chaos,
  mutatedSource,
];
