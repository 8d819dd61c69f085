/** Makes a figure of one view or several, with a caption below them. */
import type { Theme } from "../scene/theme";
import { views, type ViewName } from "../views";
import { caption } from "./caption";
import type { Drawing, Piece, Placed } from "./drawing";
import { prose } from "./prose";
import { type Panel, panelOf, type Subject } from "./viewPieces";

/** What a figure is to be, as a person chose it. */
export interface Wish {
  views: readonly ViewName[];
  /** The last view has the whole width where it stands alone. */
  columns: 1 | 2;
  /** Of the whole figure, in CSS pixels like all that follows. */
  width: number;
  /** Of each picture; follows from its width where it is not given. */
  height?: number;
  /** The first token of a text. */
  first?: number;
}

const margin = 8;
const gaps = { columns: 28, rows: 22, pieces: 6 };

/** Rejects with an Error ready to be shown where a view has nothing to show. */
export async function drawingOf(wish: Wish, subject: Subject, theme: Theme): Promise<Drawing> {
  const inner = wish.width - 2 * margin;
  const description = caption(subject.state, subject.trace);
  const rows: Piece[][][] = [];
  for (let from = 0; from < wish.views.length; from += wish.columns)
    rows.push(await rowOf(wish, from, inner, subject, theme));
  rows.push([[prose(description, inner, "muted")]]);
  const pieces: Placed[] = [];
  let y = margin;
  for (const row of rows) {
    const step = (inner + gaps.columns) / row.length;
    const placed = row.flatMap((column, at) => stacked(column, margin + at * step, y));
    pieces.push(...placed);
    y = Math.max(...placed.map(floorOf)) + gaps.rows;
  }
  const size = { width: wish.width, height: y - gaps.rows + margin };
  const title = wish.views.map((name) => views[name].title).join(", ");
  return { size, pieces, title, description };
}

/** The views that stand side by side, from the `from`th on: what is below one another in each. */
async function rowOf(
  wish: Wish,
  from: number,
  inner: number,
  subject: Subject,
  theme: Theme,
): Promise<Piece[][]> {
  const { height, first } = wish;
  const names = wish.views.slice(from, from + wish.columns);
  const width = (inner - (names.length - 1) * gaps.columns) / names.length;
  const isAlone = wish.views.length === 1;
  const panels: Panel[] = [];
  for (const [index, name] of names.entries()) {
    const letter = isAlone ? "" : `(${letterOf(from + index)}) `;
    panels.push(await panelOf(name, letter, { width, height, isAlone, first }, subject, theme));
  }
  return aligned(panels);
}

const letterOf = (index: number): string => String.fromCharCode("a".charCodeAt(0) + index);

/** The pictures of a row begin at one height, however long what is said above them. */
function aligned(row: Panel[]): Piece[][] {
  const tallest = Math.max(...row.map(({ sentence }) => sentence.picture.size.height));
  return row.map(({ title, sentence, rest }) => {
    sentence.picture.size = { width: sentence.picture.size.width, height: tallest };
    return [title, sentence, ...rest];
  });
}

function stacked(all: Piece[], x: number, top: number): Placed[] {
  let y = top;
  return all.map(({ picture, words }) => {
    const placed = { picture, words, x, y };
    y += picture.size.height + gaps.pieces;
    return placed;
  });
}

const floorOf = ({ y, picture }: Placed): number => y + picture.size.height;
