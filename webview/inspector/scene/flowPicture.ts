/** Flowing text as a picture: lines broken at words, each token on the plate that shades it. */
import { visibleText } from "../../../src/shared/strangersText";
import { textWidth } from "./labels";
import type { Flow, Size } from "./scene";
import { readableOn, shadeFill, shadeOf, type Theme } from "./theme";

/** One token, or a paragraph's name, where it stands. */
export interface SetWord {
  x: number;
  /** Baseline. */
  y: number;
  width: number;
  text: string;
  plate?: string;
  colour: string;
  isStruck: boolean;
  isName: boolean;
}

/** Characters of one token that are shown; no vocabulary has a longer one in earnest. */
export const longestToken = 256;
/** Where the text begins, beside the names of its paragraphs. */
const column = 74;
const edge = 8;
/** Of a plate around its word, on both sides together. */
const padding = 4;
const lineHeight = 20;
const size = 12;
/** Of a monospaced letter, as a share of its size. */
const letter = 0.6;

/** The words from a position on, as far as there is room. */
export function setWords(
  flow: Flow,
  { width, height }: Size,
  from: number,
  theme: Theme,
): SetWord[] {
  const set: SetWord[] = [];
  let [x, y] = [column, lineHeight];
  for (const paragraph of flow.paragraphs) {
    if (paragraph.to <= from) continue;
    if (paragraph.name && paragraph.from >= from) set.push(nameOf(paragraph.name, y, theme));
    for (let at = Math.max(from, paragraph.from); at < paragraph.to; at++) {
      const word = wordOf(flow.text(at), width - column - edge);
      const wide = word.length * size * letter + padding;
      if (x + wide > width - edge) [x, y] = [column, y + lineHeight];
      if (y > height) return set;
      set.push({ x, y, width: wide, text: word, isName: false, ...plateOf(flow, at, theme) });
      x += wide + size * letter;
    }
    [x, y] = [column, y + lineHeight + 6];
  }
  return set;
}

/** As the page shows it, cut where it is wider than a line. */
function wordOf(text: string, room: number): string {
  const word = visibleText(text.slice(0, longestToken)).trim() || "·";
  const most = Math.max(1, Math.floor((room - padding) / (size * letter)));
  return word.length > most ? `${word.slice(0, most - 1)}…` : word;
}

function nameOf(text: string, y: number, theme: Theme): SetWord {
  const width = textWidth(text);
  const plain = { colour: theme.muted, isStruck: false, isName: true };
  return { x: Math.max(2, column - 10 - width), y, width, text, ...plain };
}

function plateOf(flow: Flow, position: number, theme: Theme) {
  const { held } = flow.look(position);
  const shade = shadeOf(held);
  if (!(held > 0)) return { colour: theme.muted, isStruck: held === 0 };
  const plate = shadeFill(theme, shade);
  return { plate, colour: readableOn(plate), isStruck: false };
}
