import type { Context, View } from "./view";
import type { ViewName } from "./viewNames";
import { compare } from "./views/compare";
import { cost } from "./views/cost";
import { heads } from "./views/heads";
import { history } from "./views/history";
import { memory } from "./views/memory";
import { redundancyMap } from "./views/redundancyMap";
import { retentionMap } from "./views/retentionMap";
import { tokenText } from "./views/tokenText";
import { whatIf } from "./views/whatIf";
import { why } from "./views/why";

export const views: Record<ViewName, { title: string; make: (context: Context) => View }> = {
  text: { title: "Token text", make: tokenText },
  map: { title: "Retention", make: retentionMap },
  redundancy: { title: "Redundancy", make: redundancyMap },
  why: { title: "Why", make: why },
  history: { title: "History", make: history },
  whatIf: { title: "What if", make: whatIf },
  heads: { title: "Heads", make: heads },
  memory: { title: "Memory", make: memory },
  cost: { title: "Cost", make: cost },
  compare: { title: "Compare", make: compare },
};
