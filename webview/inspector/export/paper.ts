import { type Theme, themeOf } from "../scene/theme";

/** Fonts that papers are set with, and that look alike wherever a figure is opened. */
const fonts = {
  font: "Helvetica, Arial, 'Liberation Sans', sans-serif",
  monospace: "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace",
};

const white: Record<string, string> = {
  "--vscode-editor-background": "#ffffff",
  "--vscode-editor-foreground": "#1a1a1a",
  "--vscode-descriptionForeground": "#555555",
  "--vscode-charts-blue": "#1f6fb8",
};

/** Dark ink on white, for print. */
export const paper: Theme = onSheet(themeOf((name) => white[name] ?? ""));
/** For slides. */
export const night: Theme = onSheet(themeOf(() => ""));

/** The same colours, in the fonts of figures. */
export function onSheet(theme: Theme): Theme {
  return { ...theme, ...fonts };
}

const pixelsPerMillimetre = 96 / 25.4;

/** Widths of a journal's column and page, in CSS pixels. */
export const paperWidths = {
  column: Math.round(85 * pixelsPerMillimetre),
  page: Math.round(175 * pixelsPerMillimetre),
} as const;

/** So that the figure is as large on paper as it was made, whatever a program takes a pixel for. */
export function millimetres(pixels: number): string {
  return `${(pixels / pixelsPerMillimetre).toFixed(2)}mm`;
}
