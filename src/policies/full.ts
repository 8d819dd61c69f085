import type { Policy } from "./policy";

/** Retains everything: what every other policy is measured against. */
export const full: Policy = { name: "full", slotOrder: "position" };
