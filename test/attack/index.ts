/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { disturbedView } from "./disturbedView";
import { downloads } from "./downloads";
import { fullDisk } from "./fullDisk";
import { hostileTraces } from "./hostileText";
import { localServer } from "./localServer";
import { restrictedMode } from "./restrictedMode";
import { severalWindows } from "./severalWindows";

export const attacks: readonly Attack[] = [
  fullDisk,
  downloads,
  disturbedView,
  severalWindows,
  localServer,
  hostileTraces,
  restrictedMode,
];
