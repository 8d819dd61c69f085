/** Words in lines, as wide as there is room. */
import { visibleText } from "../../../src/shared/strangersText";
import { wordWidth } from "../scene/labels";
import type { Look } from "../scene/looks";
import { lineHeight, type Shape } from "../scene/picture";
import { text } from "../scene/words";
import { pieceOf, type Piece } from "./drawing";

/** Of one paragraph, so that no stranger's text fills the sheet. */
const mostLines = 12;
/** Characters that are looked at: more than so many lines hold. */
const longest = 4_000;
/** From the top of a line to its baseline. */
const ascent = 11;

/** Paragraphs, each on lines of its own; what one's lines do not hold ends in “…”. */
export function prose(said: string | readonly string[], width: number, look: Look): Piece {
  const lines = [said].flat().flatMap((paragraph) => linesOf(paragraph, width, look));
  const shapes = lines.map((line, index): Shape => {
    return text(0, ascent + index * lineHeight, line, look, "start");
  });
  const size = { width, height: lines.length * lineHeight };
  return pieceOf(size, { groups: [{ name: "prose", shapes }] });
}

function linesOf(said: string, width: number, look: Look): string[] {
  const words = visibleText(said.slice(0, longest)).split(/\s+/).filter(Boolean);
  const lines: string[] = [];
  let line = "";
  for (const word of words.flatMap((one) => piecesOf(one, width, look))) {
    const longer = line ? `${line} ${word}` : word;
    if (line && wordWidth(longer, look) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  if (line) lines.push(line);
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), `${lines[mostLines - 1].slice(0, -1)}…`];
}

/** A word that no line holds, in pieces that one does. */
function piecesOf(word: string, width: number, look: Look): string[] {
  if (wordWidth(word, look) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const letter of word) {
    if (piece && wordWidth(piece + letter, look) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += letter;
  }
  return [...pieces, piece];
}
