/** What src/shared/units.ts does not write: small figures, and tokens in labels. */
import { format } from "d3";
import { percent } from "../../../src/shared/units";
import { visibleText } from "../../../src/shared/strangersText";

/** Two significant figures, for axes. */
export const brief = (value: number): string => format(".2~g")(value).replace("−", "-");

/** Four significant figures: scores are small, and their differences smaller. */
export const score = (value: number): string =>
  Number.isNaN(value) ? "–" : format(".4~g")(value).replace("−", "-");

/** A share of 0 to 1 as “20 %”, “–” where there is none. */
export const share = (value: number): string => (Number.isNaN(value) ? "–" : percent(value));

/** “7.25 ms” */
export const millis = (value: number): string => `${format(".3~r")(value)} ms`;

/** A token as it is quoted in a label: spaces and line breaks made visible, long ones cut. */
export function quoted(text: string): string {
  return `“${cut(text) || cut(text.replaceAll(" ", "␣").replaceAll("\n", "⏎"))}”`;
}

/** Somebody else's words within a line of ours: every character visible, at most so many of them. */
export function cut(text: string, most = 24): string {
  const shown = visibleText(text.slice(0, 2 * most))
    .replace(/\s+/g, " ")
    .trim();
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}
