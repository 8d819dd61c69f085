/** Moving about in the retention map: pointing, choosing, brushing, panning, zooming. */
import type { ScaleLinear } from "d3";
import { linesOf, rowsOfLine } from "../model/retention";
import { extendTo, select, showRange, visibleRange, zoomAround, type Store } from "../state/state";

type Scale = ScaleLinear<number, number>;
type Place = { position: number; layer: number; head: number };

const clickPixels = 3;

export function moveByPointer(root: HTMLElement, store: Store, x: Scale, y: Scale): void {
  const pointed = ({ offsetX, offsetY }: MouseEvent) =>
    placeAt(store, x.invert(offsetX), y.invert(offsetY));
  let grabbed: { at: number; range: [number, number]; moved: boolean } | undefined;
  root.addEventListener("pointerdown", (event) => {
    grabbed = { at: event.offsetX, range: visibleRange(store.state), moved: false };
    root.setPointerCapture(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    store.update({ hovered: pointed(event)?.position });
    if (!grabbed || !store.state.zoom) return;
    const shift = (event.offsetX - grabbed.at) / (x(1) - x(0));
    grabbed.moved ||= Math.abs(event.offsetX - grabbed.at) > clickPixels;
    if (grabbed.moved) showRange(store, grabbed.range[0] - shift, grabbed.range[1] - shift);
  });
  root.addEventListener("pointerup", (event) => {
    const place = grabbed?.moved ? undefined : pointed(event);
    grabbed = undefined;
    if (place) choose(store, place, event.shiftKey);
  });
  root.addEventListener("pointerleave", () => store.update({ hovered: undefined }));
  root.addEventListener("dblclick", () => store.update({ zoom: undefined }));
  root.addEventListener("wheel", (event) => turn(store, event, x), { passive: false });
}

function placeAt({ state }: Store, at: number, height: number): Place | undefined {
  const [position, line] = [Math.floor(at), Math.floor(height)];
  const { run, byHead } = state;
  if (line < 0 || line >= linesOf(run, byHead) || position < 0 || position >= run.tokens)
    return undefined;
  const [row] = rowsOfLine(run, line, byHead);
  const { kvHeads } = run.header;
  return { position, layer: Math.floor(row / kvHeads), head: row % kvHeads };
}

function choose(store: Store, { position, layer, head }: Place, extend: boolean): void {
  if (extend) return extendTo(store, position);
  store.update({ layer, head: store.state.byHead ? head : store.state.head });
  select(store, position);
}

/** The wheel zooms; sideways, or with Shift or Ctrl, it pans. */
function turn(store: Store, event: WheelEvent, x: Scale): void {
  event.preventDefault();
  const { deltaX, deltaY } = event;
  if (!event.ctrlKey && !event.shiftKey && Math.abs(deltaX) < Math.abs(deltaY))
    return zoomAround(store, x.invert(event.offsetX), 2 ** (-deltaY / 300));
  const [from, to] = visibleRange(store.state);
  const shift = ((to - from) * (deltaX || deltaY)) / 1000;
  showRange(store, from + shift, to + shift);
}
