/** One view as a figure shows it: title, sentence, picture, key and list. */
import { counted } from "../../../src/shared/units";
import { setWords } from "../scene/flowPicture";
import { layOut } from "../scene/layOut";
import type { Flow, List, Plot, Scene, Size } from "../scene/scene";
import type { Theme } from "../scene/theme";
import type { State } from "../state/state";
import { views, type ViewName } from "../views";
import type { AwaitedData } from "./awaitedData";
import { type Piece, pieceOf, usedHeight } from "./drawing";
import { keyOf } from "./key";
import { prose } from "./prose";

/** What figures and numbers are made of. */
export interface Subject {
  state: Readonly<State>;
  data: AwaitedData;
  /** The trace's name. */
  trace: string;
}

/** The room for a view, in CSS pixels, and what of a text stands in it. */
export interface Room {
  width: number;
  /** Of the picture; follows from the width where it is not given. */
  height?: number;
  /** A text has a page for itself. */
  isAlone: boolean;
  /** The first token of a text. */
  first?: number;
}

/** What stands below one another. */
export interface Panel {
  title: Piece;
  sentence: Piece;
  rest: Piece[];
}

/** Of a picture: its height as a share of its width, within limits. */
const shape = { share: 0.6, least: 240, most: 440 };
/** A text alone may fill a page of 240 mm. */
const mostText = 900;
/** Lines of a list, where the view has the figure for itself or not. */
const listed = { alone: 8, beside: 4 };

/**
 * Rejects with an Error ready to be shown where the view has nothing to show.
 *
 * @param letter before the title
 */
export async function panelOf(
  name: ViewName,
  letter: string,
  room: Room,
  { state, data }: Subject,
  theme: Theme,
): Promise<Panel> {
  const { title, view } = views[name];
  const { width } = room;
  const still: State = { ...state, hovered: undefined, sweep: 1 };
  const look = (size: Size) => data.sceneOf(view, still, size);
  const { scene, piece } = await seen(look, room);
  if (isEmpty(scene)) throw nothingToShow(name, scene);
  const aside = scene.aside === undefined ? "" : `, at compaction ${scene.aside + 1}`;
  return {
    title: prose(`${letter}${title}${aside}`, width, "strong"),
    sentence: prose(scene.sentence, width, "plain"),
    rest: [
      ...(scene.flow ? textOf(scene.flow, room, still, theme) : [piece]),
      ...keyOf(scene, piece.picture, width),
      ...(scene.list ? listOf(scene.list, room) : []),
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
async function seen(look: (size: Size) => Promise<Scene>, { width, height }: Room) {
  const guess = await look({ width, height: height ?? shape.least });
  const size = { width, height: height ?? heightFor(width, guess.plots) };
  const scene = await look(layOut(guess, size).plots[0]?.box ?? size);
  const piece: Piece = { picture: layOut(scene, size), words: [] };
  piece.picture.size = { width, height: Math.min(size.height, usedHeight(piece)) };
  return { scene, piece };
}

/** As much of a text as there is room for, with the selected token in it. */
function textOf(flow: Flow, room: Room, { selected, run }: State, theme: Theme): Piece[] {
  const { width, height, isAlone } = room;
  const size = { width, height: height ?? (isAlone ? mostText : heightFor(width, [])) };
  const from = (start: number) => {
    const words = setWords(flow, size, start, theme);
    return { words, start, end: start + words.filter(({ isName }) => !isName).length };
  };
  const own = selected === undefined ? [] : [paragraphAt(flow, selected), selected];
  const set = [room.first ?? 0, ...own]
    .map(from)
    .find(({ start, end }) => selected === undefined || (selected >= start && selected < end));
  if (!set) return [];
  const piece: Piece = { ...pieceOf(size, {}), words: set.words };
  piece.picture.size = { width, height: usedHeight(piece) };
  const before = set.start > 0 ? `${counted(set.start, "token")} before` : "";
  const after = set.end < run.tokens ? `${counted(run.tokens - set.end, "token")} after` : "";
  const left = [before, after].filter(Boolean).join(", ");
  return left ? [piece, prose(`… ${left} these are not shown.`, width, "muted")] : [piece];
}

function paragraphAt({ paragraphs }: Flow, position: number): number {
  return paragraphs.findLast(({ from }) => from <= position)?.from ?? 0;
}

/** The first lines of a list; all of them are in its numbers. */
function listOf({ title, lines, more = 0 }: List, { width, isAlone }: Room): Piece[] {
  const shown = lines.slice(0, isAlone ? listed.alone : listed.beside);
  const left = lines.length - shown.length + more;
  const said = shown.map(({ words, detail }) => (detail ? `${words} – ${detail}` : words));
  if (left > 0) said.push(`… and ${left} more.`);
  return [prose(title, width, "strong"), prose(said, width, "muted")];
}
