/** How things look, by name: the one place where a meaning becomes a colour. */
import type { Theme } from "./theme";

/** Attributes of SVG. */
export type Style = Partial<
  Record<
    | "fill"
    | "fill-opacity"
    | "stroke"
    | "stroke-opacity"
    | "stroke-width"
    | "stroke-dasharray"
    | "font-size"
    | "font-weight",
    string | number
  >
>;

const filled = (fill: string, opacity = 1): Style => ({ fill, "fill-opacity": opacity });
const stroked = (stroke: string, width = 1, opacity = 1): Style => ({
  fill: "none",
  stroke,
  "stroke-width": width,
  "stroke-opacity": opacity,
});

export const looks = {
  plain: (theme: Theme) => filled(theme.foreground),
  muted: (theme: Theme) => filled(theme.muted),
  strong: (theme: Theme) => ({ ...filled(theme.foreground), "font-weight": 600 }),
  blue: (theme: Theme) => filled(theme.blue),
  mark: (theme: Theme) => ({ ...filled(theme.orange), "font-size": 12, "font-weight": 600 }),
  "mark-quiet": (theme: Theme) => filled(theme.orange),
  line: (theme: Theme) => stroked(theme.muted, 1, 0.45),
  tick: (theme: Theme) => stroked(theme.blue),
  moment: (theme: Theme) => stroked(theme.orange, 2),
  aside: (theme: Theme) => ({ ...stroked(theme.orange, 1.5), "stroke-dasharray": "4 3" }),
  cut: (theme: Theme) => stroked(theme.foreground, 1.5),
  hairline: (theme: Theme) => ({ ...stroked(theme.orange, 1.5), "stroke-dasharray": "2 2" }),
  "hover-line": (theme: Theme) => stroked(theme.foreground, 1, 0.5),
  "spared-line": (theme: Theme) => stroked(theme.orange, 1, 0.7),
  "score-line": (theme: Theme) => stroked(theme.foreground),
  divergence: (theme: Theme) => stroked(theme.orange),
  full: (theme: Theme) => filled(theme.foreground, 0.12),
  "full-future": (theme: Theme) => filled(theme.foreground, 0.06),
  held: (theme: Theme) => filled(theme.blue, 0.85),
  "held-future": (theme: Theme) => filled(theme.blue, 0.3),
  "held-edge": (theme: Theme) => stroked(theme.blue, 1.25),
  band: (theme: Theme) => filled(theme.foreground, 0.045),
  zoomed: (theme: Theme) => filled(theme.orange),
  "evicted-side": (theme: Theme) => filled(theme.foreground, 0.05),
  "prompt-frame": (theme: Theme) => stroked(theme.muted),
  "window-frame": (theme: Theme) => stroked(theme.orange),
  "moment-frame": (theme: Theme) => stroked(theme.orange),
  "selected-frame": (theme: Theme) => stroked(theme.foreground),
  near: (theme: Theme) => stroked(theme.foreground),
  spared: (theme: Theme) => stroked(theme.orange, 2),
  "step-line": (theme: Theme) => stroked(theme.foreground, 0.75, 0.28),
  "picked-frame": (theme: Theme) => stroked(theme.foreground, 2),
  brushed: (theme: Theme) => ({ ...stroked(theme.orange), ...filled(theme.orange, 0.12) }),
  "layer-mark": (theme: Theme) => filled(theme.orange),
  undecoded: (theme: Theme) => filled(theme.foreground, 0.03),
  "saved-pin": (theme: Theme) => filled(theme.blue),
  "lost-pin": (theme: Theme) => filled(theme.orange),
} satisfies Record<string, (theme: Theme) => Style>;

export type Look = keyof typeof looks;

/** Pixels by which a frame or a rule stands out over its plot, so that it does not cover cells. */
export const standsOut: Partial<Record<Look, number>> = {
  "prompt-frame": 2,
  "window-frame": 2,
  "moment-frame": 2,
  brushed: 3,
  hairline: 4,
  "hover-line": 4,
  moment: 5,
  cut: 4,
};

/** Pixels that a frame has at least each way. */
export const leastFrame: Partial<Record<Look, number>> = { near: 5, spared: 5 };

/** Colours of bars and keys. Kinds of tokens differ in lightness as well as hue. */
export const fills = {
  importance: (theme: Theme) => theme.blue,
  redundancy: (theme: Theme) => theme.orangeFill,
  onlyThis: (theme: Theme) => theme.difference(1),
  both: (theme: Theme) => theme.difference(0),
  onlyOther: (theme: Theme) => theme.difference(-1),
  keptMore: (theme: Theme) => theme.blue,
  keptLess: (theme: Theme) => theme.orangeFill,
  chainLength: (theme: Theme) => theme.muted,
  evicted: (theme: Theme) => theme.orange,
  track: (theme: Theme) => theme.line,
  cost: (theme: Theme) => theme.muted,
  firstOther: (theme: Theme) => theme.orange,
  numbers: (theme: Theme) => theme.similar(0.95),
  names: (theme: Theme) => theme.similar(0.6),
  connectives: (theme: Theme) => theme.held(0.65),
  words: (theme: Theme) => theme.held(0.35),
  signs: (theme: Theme) => theme.line,
} satisfies Record<string, (theme: Theme) => string>;

export type Fill = keyof typeof fills;

/** What the numbers of a matrix stand for, and so their colours. */
export type Scale =
  /** Share held or agreed upon, 0 to 1. */
  | { scale: "held" }
  /** Cosine; what is not above the threshold is dimmed, so that near-duplicates stand out. */
  | { scale: "similar"; above: number }
  /** Mean cosine, 0 to the largest that is shown; whatever is there can be told from nothing. */
  | { scale: "alike"; most: number }
  /** Share of attention that was lost, 0 to 1, shaded by its square root. */
  | { scale: "lost" }
  /** How many, shaded by the square root of the share of the most; whatever is there can be told from nothing. */
  | { scale: "count"; most: number }
  /** Share of all layers and heads that hold a token at a chain's end, 0 to 1. */
  | { scale: "heldAtEnd" }
  /** Share of what either of two runs holds that both hold, 0 to 1. */
  | { scale: "agreed" }
  /** 1 only here, 0 by both, −1 only there, 2 by none. */
  | { scale: "difference" }
  /** 1 held, 0.5 evicted in that compaction, 0 gone. */
  | { scale: "life" }
  /** Share evicted just now: lit where it is more than a fifth. */
  | { scale: "evicted" };
