/** Every attack there is, in the order of docs/trust.md. A new one: a file and a line here. */
import type { Attack } from "./attack";
import { disturbedView } from "./disturbedView";
import { restrictedMode } from "./restrictedMode";
import { t14 } from "./t14";
import { t18 } from "./t18";

export const attacks: readonly Attack[] = [disturbedView, t14, t18, restrictedMode];
