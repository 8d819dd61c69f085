import { interpolateRgb, piecewise, rgb } from "d3";

/** Colours and font of the person's theme, and scales that end in its background. */
export interface Theme {
  dark: boolean;
  font: string;
  monospace: string;
  background: string;
  foreground: string;
  muted: string;
  line: string;
  /** Held, retained, importance. */
  blue: string;
  /** The selection, evictions, redundancy. */
  orange: string;
  /** The same, for large areas. */
  orangeFill: string;
  /** Share held, 0 to 1: monotone in lightness, so that it survives colour blindness and print. */
  held: (share: number) => string;
  /** By `levelOf` a share; what is held at all can be told from what is not. */
  heldPixels: Uint32Array;
  /** Similarity from 0 to 1, monotone in lightness as well. */
  similarPixels: Uint32Array;
  similar: (value: number) => string;
  /** Share of what either of two holds that both hold, 0 to 1: the more, the further from the page. */
  agreed: (share: number) => string;
  /** Slots only this run holds (1), both (0), only the other one (−1). */
  difference: (value: number) => string;
}

/** Levels of shade that the text uses; the map's are continuous. */
export const shades = 8;

/** @param valueOf value of a CSS variable of the editor; empty where it has none */
export function themeOf(valueOf: (name: string) => string): Theme {
  const variable = (name: string, otherwise: string) => valueOf(name).trim() || otherwise;
  const background = variable("--vscode-editor-background", "#1f1f1f");
  const foreground = variable("--vscode-editor-foreground", "#cccccc");
  const dark = luminance(background) < 0.5;
  const held = ramp(
    dark
      ? [background, "#123a5a", "#1f6ba3", "#55aee0", "#b9e8fc"]
      : [background, "#cde2f4", "#7fb4df", "#2f78b7", "#0b3c6f"],
  );
  const similar = ramp(
    dark
      ? [background, "#4a2a10", "#8f4e14", "#d9862d", "#ffd9a0"]
      : [background, "#fbe3c8", "#f0b070", "#c8681a", "#6b2c04"],
  );
  return {
    dark,
    font: variable("--vscode-font-family", "sans-serif"),
    monospace: variable("--vscode-editor-font-family", "monospace"),
    background,
    foreground,
    muted: variable("--vscode-descriptionForeground", foreground),
    line: String(interpolateRgb(background, foreground)(0.16)),
    blue: variable("--vscode-charts-blue", "#3794ff"),
    orange: dark ? "#e8963a" : "#a85a00",
    orangeFill: dark ? "#d9862d" : "#e39b4c",
    held,
    heldPixels: pixels((share) => held(share > 0 ? 0.16 + 0.84 * share : 0)),
    similar,
    agreed: (share) => String(interpolateRgb(background, foreground)(0.05 + 0.8 * share)),
    similarPixels: pixels(similar),
    difference: differenceScale(background, foreground, dark),
  };
}

/** The plate of a token in a shade of 1 to `shades`. */
export function shadeFill(theme: Theme, shade: number): string {
  return theme.held(0.15 + 0.85 * (shade / shades));
}

/** Index of the shade for a share held: 0 only where nobody holds it. */
export function shadeOf(share: number): number {
  return share > 0 ? Math.max(1, Math.round(share * shades)) : 0;
}

/** Index of a pixel for a share of 0 to 1: 0 only for nothing. */
export const levelOf = (share: number): number => Math.ceil(share * 255);

/** Black or white, whichever is easier to read there. */
export function readableOn(fill: string): string {
  const light = luminance(fill);
  return 1.05 / (light + 0.05) > (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/** Relative luminance as in WCAG 2. */
function luminance(name: string): number {
  const { r, g, b } = rgb(name);
  const [red, green, blue] = [r, g, b].map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ramp(stops: string[]): (value: number) => string {
  const scale: (value: number) => string = piecewise(interpolateRgb, stops);
  return (value) => scale(Math.max(0, Math.min(1, value)));
}

/** 256 colours as canvas pixels (little-endian ABGR). */
function pixels(scale: (value: number) => string): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, level) => pixel(scale(level / 255)));
}

export function pixel(name: string): number {
  const { r, g, b } = rgb(name);
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

function differenceScale(background: string, foreground: string, dark: boolean) {
  const both = interpolateRgb(background, foreground)(0.3);
  const [mine, others] = dark ? ["#55aee0", "#ef8f2f"] : ["#1f6ba3", "#c8681a"];
  return ramp01([others, both, mine]);
}

function ramp01(stops: string[]): (value: number) => string {
  const scale = ramp(stops);
  return (value) => scale((value + 1) / 2);
}
