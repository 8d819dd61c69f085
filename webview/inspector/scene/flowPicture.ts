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
  isSelected: boolean;
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
const paragraphGap = 6;
const size = 12;
/** Of a monospaced letter, as a share of its size. */
const letter = 0.6;

/** The words from a position on, as far as there is room. */
export function setWords(flow: Flow, room: Size, from: number, theme: Theme): SetWord[] {
  const set: SetWord[] = [];
  let y = lineHeight;
  for (const paragraph of flow.paragraphs) {
    if (paragraph.to <= from || y > room.height) continue;
    if (paragraph.name && paragraph.from >= from) set.push(nameOf(paragraph.name, y, theme));
    const start = Math.max(from, paragraph.from);
    const words = setParagraph(flow, room, [start, paragraph.to], y, theme);
    set.push(...words);
    y = (words.at(-1)?.y ?? y) + lineHeight + paragraphGap;
  }
  return set;
}

/** Broken where a line is full, and where the text breaks it. */
function setParagraph(
  flow: Flow,
  { width, height }: Size,
  [from, to]: [number, number],
  top: number,
  theme: Theme,
): SetWord[] {
  const set: SetWord[] = [];
  let [x, y] = [column, top];
  for (let at = from; at < to; at++) {
    const raw = flow.text(at);
    const text = wordOf(raw, width - column - edge);
    const wide = text.length * size * letter + padding;
    if (x > column && /^\s/.test(raw)) x += size * letter;
    if (x + wide > width - edge) [x, y] = [column, y + lineHeight];
    if (y > height) return set;
    set.push({ x, y, width: wide, text, isName: false, ...plateOf(flow, at, theme) });
    x += wide + (/\s$/.test(raw) ? size * letter : 0);
    if (raw.includes("\n")) [x, y] = [column, y + lineHeight];
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
  const plain = { colour: theme.muted, isStruck: false, isSelected: false, isName: true };
  return { x: Math.max(2, column - 10 - width), y, width, text, ...plain };
}

function plateOf(flow: Flow, position: number, theme: Theme) {
  const { held, isSelected } = flow.look(position);
  const shade = shadeOf(held);
  if (!(held > 0)) return { colour: theme.muted, isStruck: held === 0, isSelected };
  const plate = shadeFill(theme, shade);
  return { plate, colour: readableOn(plate), isStruck: false, isSelected };
}
