/** Puts a scene into pixels. Knows no view, no theme and no document. */
import { scaleLinear } from "d3";
import { placesOf, type Place } from "./grid";
import { placeLegend, legendRoom } from "./legend";
import { barsOf, shapesOf } from "./marks";
import type { Group, PlacedBars, PlacedCells, PlacedPlot, Picture } from "./picture";
import type { Cells, Scene, Size } from "./scene";
import { baselines, lineOfWords, namesAtLeft, text } from "./words";

/** Parts of a scene that stay the same are laid out once for a place. */
const laidOut = new WeakMap<object, { where: string; made: unknown }>();

/** A scene in pixels, and the room that its main plot has there. */
export interface Fitted {
  scene: Scene;
  picture: Picture;
  room: Size;
}

/** Looks once more where the main plot has another room than was guessed. */
export function fitted(look: (room: Size) => Scene, size: Size, guess: Size): Fitted {
  const scene = look(guess);
  const picture = layOut(scene, size);
  const { width, height } = picture.plots[0]?.box ?? guess;
  if (width === guess.width && height === guess.height) return { scene, picture, room: guess };
  const room = { width, height };
  const better = look(room);
  return { scene: better, picture: layOut(better, size), room };
}

export function layOut(scene: Scene, size: Size): Picture {
  if (scene.plots.length === 0) return wordsAlone(scene, size);
  const { legend } = scene;
  const below = legendRoom(scene, size);
  const places = placesOf(scene, { width: size.width, height: size.height - below });
  const plots = places.map(placed);
  const drawn = legend && placeLegend(legend, plots, size, below);
  return {
    size,
    plots,
    cells: [...plots.flatMap(cellsOf), ...(drawn?.cells ?? [])],
    bars: [...plots.flatMap(barsIn), ...(drawn?.bars ?? [])],
    groups: [
      ...plots.flatMap((plot, index) => groupsOf(plot, places[index])),
      ...(drawn ? [drawn.words] : []),
    ],
  };
}

function wordsAlone({ instead }: Scene, size: Size): Picture {
  const said = instead ? [text(size.width / 2, size.height / 2, instead.text)] : [];
  const groups = [{ name: "instead", shapes: said }];
  return { size, plots: [], cells: [], bars: [], groups };
}

function placed({ plot, box }: Place): PlacedPlot {
  const x = scaleLinear(plot.x.domain, [box.x, box.x + box.width]);
  const y = scaleLinear(plot.y.domain, [box.y, box.y + box.height]);
  return { plot, box, x, y };
}

function cellsOf({ plot, box, x }: PlacedPlot): PlacedCells[] {
  return (plot.cells ?? []).map((cells: Cells) => {
    const [from, to] = (cells.x ?? plot.x.domain).map(x);
    return { cells, box: { ...box, x: from, width: to - from }, within: box };
  });
}

function barsIn(plot: PlacedPlot): PlacedBars[] {
  return (plot.plot.bars ?? []).map((bars) => once(bars, plot, "", () => barsOf(bars, plot)));
}

function groupsOf(plot: PlacedPlot, { words }: Place): Group[] {
  const { layers = [], above = [], below = [], y } = plot.plot;
  const { labels } = y;
  const lines = (side: "above" | "below") => (line: (typeof above)[number], index: number) => {
    const at = baselines[side](plot, index);
    return once(line, plot, `${at} ${words.join(" ")}`, () => lineOfWords(line, plot, words, at));
  };
  return [
    ...layers.map((layer) =>
      once(layer, plot, "", () => {
        return { name: layer.name, shapes: layer.marks.flatMap((mark) => shapesOf(mark, plot)) };
      }),
    ),
    ...(labels
      ? [once(labels, plot, "", () => ({ name: "names", shapes: namesAtLeft(labels, plot) }))]
      : []),
    ...above.flatMap(lines("above")),
    ...below.flatMap(lines("below")),
  ];
}

/** What was made of this part when it was last laid out there. */
function once<T>(part: object, plot: PlacedPlot, more: string, make: () => T): T {
  const { x, y, width, height } = plot.box;
  const axes = [...plot.x.domain(), ...plot.y.domain()];
  const where = [x, y, width, height, ...axes, more].join(" ");
  const known = laidOut.get(part);
  if (known?.where === where) return known.made as T;
  const made = make();
  laidOut.set(part, { where, made });
  return made;
}
