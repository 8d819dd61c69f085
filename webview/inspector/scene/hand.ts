/** What pointer and keys do on a figure: point, choose, select several, pan and zoom. */
import {
  extendTo,
  scrub,
  select,
  showRange,
  visibleRange,
  zoomAround,
  type Store,
} from "../state/state";
import type { Figure } from "./figure";
import type { PlacedPlot } from "./picture";
import type { Target } from "./scene";

/** Moves below it are a click. */
const clickPixels = 3;

interface Grip {
  plot: PlacedPlot;
  at: number;
  range: [from: number, to: number];
  hasMoved: boolean;
}

export function attachHand(figure: Figure, store: Store): void {
  const { root } = figure;
  let grip: Grip | undefined;
  root.addEventListener("pointerdown", (event) => {
    const plot = plotAt(figure, event);
    grip = plot && { plot, at: event.offsetX, range: visibleRange(store.state), hasMoved: false };
    if (grip) root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    const target = targetAt(figure, event);
    store.update({ hovered: target?.pointed ?? target?.position });
    if (grip) pan(store, grip, event.offsetX);
  });
  let hasMoved = false;
  root.addEventListener("pointerup", () => {
    hasMoved = grip?.hasMoved === true;
    grip = undefined;
  });
  root.addEventListener("click", (event) => {
    if (!hasMoved) click(figure, store, event);
  });
  root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));
  root.addEventListener("dblclick", (event) => {
    if (plotAt(figure, event)?.plot.zooms) store.update({ zoom: undefined });
  });
  root.addEventListener("wheel", (event) => turn(figure, store, event), { passive: false });
}

/** Does what a target stands for. */
export function choose(store: Store, target: Target, extend = false): void {
  const { position, layer, head, chain, moment, pair, supposed } = target;
  if (extend && position !== undefined) return extendTo(store, position);
  if (layer !== undefined) store.update({ layer, supposed: {} });
  if (head !== undefined) store.update({ head });
  if (position !== undefined) select(store, position);
  if (moment !== undefined) scrub(store, moment);
  if (pair !== undefined) store.update({ pair });
  if (supposed !== undefined) store.update({ supposed });
  if (chain !== undefined) store.update({ chain });
}

/** The plot whose cells or margins are under the pointer, if it is on the picture itself. */
function plotAt({ root, picture }: Figure, event: MouseEvent): PlacedPlot | undefined {
  if (event.target !== root) return undefined;
  const { offsetX: x, offsetY: y } = event;
  const plots = picture?.plots ?? [];
  const inside = plots.find(
    ({ box }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
  );
  return inside ?? (plots.length === 1 ? plots[0] : undefined);
}

function targetAt(figure: Figure, event: MouseEvent): Target | undefined {
  const token = (event.target as HTMLElement).closest<HTMLElement>("[data-position]");
  if (token) return { position: Number(token.dataset.position) };
  const plot = plotAt(figure, event);
  return plot?.plot.at?.(plot.x.invert(event.offsetX), plot.y.invert(event.offsetY));
}

/** Beside the words of a text, nothing is selected. */
function click(figure: Figure, store: Store, event: MouseEvent): void {
  const target = targetAt(figure, event);
  if (target) choose(store, target, event.shiftKey);
  else if (figure.scene?.flow) select(store, undefined);
}

function pan(store: Store, grip: Grip, at: number): void {
  if (!grip.plot.plot.zooms || !store.state.zoom) return;
  const { x } = grip.plot;
  const shift = (at - grip.at) / (x(1) - x(0));
  grip.hasMoved ||= Math.abs(at - grip.at) > clickPixels;
  if (grip.hasMoved) showRange(store, grip.range[0] - shift, grip.range[1] - shift);
}

/** The wheel zooms; sideways, or with Shift or Ctrl, it pans. */
function turn(figure: Figure, store: Store, event: WheelEvent): void {
  const plot = plotAt(figure, event);
  if (!plot?.plot.zooms) return;
  event.preventDefault();
  const { deltaX, deltaY } = event;
  if (!event.ctrlKey && !event.shiftKey && Math.abs(deltaX) < Math.abs(deltaY))
    return zoomAround(store, plot.x.invert(event.offsetX), 2 ** (-deltaY / 300));
  const [from, to] = visibleRange(store.state);
  const shift = ((to - from) * (deltaX || deltaY)) / plot.box.width;
  showRange(store, from + shift, to + shift);
}
