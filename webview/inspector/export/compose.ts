/** Makes a figure of one view or several: title, sentence, picture, key and list; a caption below. */
import { counted } from "../../../src/shared/units";
import { setWords } from "../scene/flowPicture";
import { layOut } from "../scene/layOut";
import type { Flow, List, Plot, Scene, Size } from "../scene/scene";
import type { Theme } from "../scene/theme";
import type { State } from "../state/state";
import { views, type ViewName } from "../views";
import type { AwaitedData } from "./awaitedData";
import { caption } from "./caption";
import { type Drawing, type Piece, pieceOf, type Placed, usedHeight } from "./drawing";
import { keyOf } from "./key";
import { prose } from "./prose";

/** What a figure is to be, as a person chose it. */
export interface Wish {
  views: readonly ViewName[];
  columns: 1 | 2;
  /** Of the whole figure, in CSS pixels like all that follows. */
  width: number;
  /** Of each picture; follows from its width where it is not given. */
  height?: number;
  /** The first token of a text. */
  first?: number;
}

/** What it is made of. */
export interface Subject {
  state: Readonly<State>;
  data: AwaitedData;
  /** The trace's name. */
  trace: string;
}

const margin = 8;
const gaps = { columns: 28, rows: 22, pieces: 6 };
/** Of a picture: its height as a share of its width, within limits. */
const shape = { share: 0.6, least: 240, most: 440 };
/** A text alone may fill a page of 240 mm. */
const mostText = 900;
const mostListed = 40;

/** Rejects with an Error ready to be shown where a view has nothing to show. */
export async function drawingOf(wish: Wish, subject: Subject, theme: Theme): Promise<Drawing> {
  const columns = Math.min(wish.columns, wish.views.length);
  const inner = wish.width - 2 * margin;
  const width = (inner - (columns - 1) * gaps.columns) / columns;
  const panels: Panel[] = [];
  for (const [index, name] of wish.views.entries()) {
    const letter = wish.views.length > 1 ? `(${letterOf(index)}) ` : "";
    panels.push(await panelOf(name, letter, { ...wish, width }, subject, theme));
  }
  const rows: Piece[][][] = [];
  for (let from = 0; from < panels.length; from += columns)
    rows.push(aligned(panels.slice(from, from + columns)));
  const description = caption(subject.state, subject.trace);
  const title = wish.views.map((name) => views[name].title).join(", ");
  const pieces: Placed[] = [];
  let y = margin;
  for (const row of [...rows, [[prose(description, inner, "muted")]]]) {
    const stacks = row.map((of, column) =>
      stacked(of, margin + column * (width + gaps.columns), y),
    );
    pieces.push(...stacks.flat());
    y = Math.max(...stacks.flat().map(floorOf)) + gaps.rows;
  }
  return {
    size: { width: wish.width, height: y - gaps.rows + margin },
    pieces,
    title,
    description,
  };
}

const letterOf = (index: number): string => String.fromCharCode("a".charCodeAt(0) + index);

const floorOf = ({ y, picture }: Placed): number => y + picture.size.height;

/** What stands below one another in a column. */
interface Panel {
  title: Piece;
  sentence: Piece;
  rest: Piece[];
}

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

async function panelOf(
  name: ViewName,
  letter: string,
  wish: Wish,
  { state, data }: Subject,
  theme: Theme,
): Promise<Panel> {
  const { title, view } = views[name];
  const { width } = wish;
  const still: State = { ...state, hovered: undefined, sweep: 1 };
  const look = (room: Size) => data.sceneOf(view, still, room);
  const { scene, piece } = await seen(look, wish);
  if (isEmpty(scene)) throw nothingToShow(name, scene);
  const aside = scene.aside === undefined ? "" : `, at compaction ${scene.aside + 1}`;
  return {
    title: prose(`${letter}${title}${aside}`, width, "strong"),
    sentence: prose(scene.sentence, width, "plain"),
    rest: [
      ...(scene.flow ? textOf(scene.flow, wish, still, theme) : [piece]),
      ...keyOf(scene, piece.picture, width),
      ...(scene.list ? listOf(scene.list, width) : []),
    ],
  };
}

export const isEmpty = ({ plots, flow }: Scene): boolean => plots.length === 0 && !flow;

export function nothingToShow(view: ViewName, { instead }: Scene): Error {
  return new Error(`${views[view].title} has nothing to show: ${instead?.text ?? "it is empty."}`);
}

/** Square plots want to be as high as wide. */
function heightFor(width: number, plots: Plot[]): number {
  const wanted = plots.some(({ isSquare }) => isSquare) ? width : shape.share * width;
  return Math.max(shape.least, Math.min(wanted, shape.most));
}

/** The scene for the room that its main plot has on the sheet, and its picture. */
async function seen(look: (room: Size) => Promise<Scene>, { width, height }: Wish) {
  const guess = await look({ width, height: height ?? shape.least });
  const size = { width, height: height ?? heightFor(width, guess.plots) };
  const scene = await look(layOut(guess, size).plots[0]?.box ?? size);
  const piece: Piece = { picture: layOut(scene, size), words: [] };
  piece.picture.size = { width, height: Math.min(size.height, usedHeight(piece)) };
  return { scene, piece };
}

/** As much of a text as there is room for, with the selected token in it. */
function textOf(flow: Flow, wish: Wish, { selected, run }: State, theme: Theme): Piece[] {
  const most = wish.height ?? (wish.views.length > 1 ? heightFor(wish.width, []) : mostText);
  const room = { width: wish.width, height: most };
  const from = (first: number) => setWords(flow, room, first, theme);
  const tokens = (words: Piece["words"]) => words.filter(({ isName }) => !isName).length;
  let first = wish.first ?? 0;
  let words = from(first);
  if (selected !== undefined && !(selected >= first && selected < first + tokens(words))) {
    first = flow.paragraphs.findLast((paragraph) => paragraph.from <= selected)?.from ?? selected;
    words = from(first);
  }
  const piece = pieceOf(room, {});
  piece.words = words;
  piece.picture.size = { width: wish.width, height: usedHeight(piece) };
  const left = run.tokens - first - tokens(words);
  const before = first > 0 ? `${counted(first, "token")} before` : "";
  const after = left > 0 ? `${counted(left, "token")} after` : "";
  const rest = [before, after].filter(Boolean).join(", ");
  return rest ? [piece, prose(`… ${rest} these are not shown.`, wish.width, "muted")] : [piece];
}

function listOf({ title, lines, more = 0 }: List, width: number): Piece[] {
  const left = Math.max(0, lines.length - mostListed) + more;
  return [
    prose(title, width, "strong"),
    ...lines
      .slice(0, mostListed)
      .map(({ words, detail }) => prose(`${words} ${detail ?? ""}`, width, "muted")),
    ...(left > 0 ? [prose(`… and ${left} more.`, width, "muted")] : []),
  ];
}
