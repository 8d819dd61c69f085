import type { InspectorAbilities, InspectorEvents } from "../../../src/shared/wire/inspectorApi";
import { element } from "../../common/dom";
import { banners } from "./banners";
import { makeDock } from "./dock";
import { footer } from "./footer";
import { header } from "./header";
import type { Host } from "./host";
import { keysOf } from "./keyboard";
import { docked, layoutFor } from "./layout";
import { saveCsv, savePage, savePng, saveSvg } from "../export/save";
import { afterRest, atIntervals, nextFrame, onceAFrame } from "./pace";
import { makePanel, type Panel } from "./panel";
import { play } from "./playback";
import { open, Reading, type Opened } from "./reading";
import { Replay } from "./replay";
import { runStrip } from "../views/runStrip";
import { initialState, Store } from "../state/state";
import { readTheme, writeShades, type Theme } from "../scene/theme";
import { copyOf } from "../views/parts/tokenTable";
import { TraceData } from "../state/traceData";
import type { Context, View } from "../view";
import { viewNames, type ViewName } from "../viewNames";
import { views } from "../viewTable";

export interface App {
  grown(event: InspectorEvents["grown"]): void;
  replaying(event: InspectorEvents["replaying"]): void;
}

/** Puts up the inspector for one run, or for two. */
export function mount(
  page: HTMLElement,
  host: Host,
  opened: Opened[],
  abilities: InspectorAbilities,
): App {
  let [shown] = opened;
  const state = initialState(shown.run, shown.source.live);
  const store = new Store(state, (callback) => requestAnimationFrame(callback));
  let theme: Theme = readTheme(document.body);
  const redraw = onceAFrame(() => draw(() => true));
  const waits = (view: View) => view.waitsForRest === true;
  /** Scores and keys are read from all over the file: not while it is being read itself. */
  const drawWaiting = () => {
    if (store.state.live || !reading.isBusy) draw(waits);
  };
  const moved = afterRest(drawWaiting);
  const nowAndThen = atIntervals(drawWaiting);
  /** What was read or counted is drawn at once, but not for a moment that moves on. */
  const data = new TraceData(onceAFrame(() => draw((view) => !(moved.isWaiting() && waits(view)))));
  const context: Context = { store, data, theme: () => theme };

  const strip = runStrip(context);
  const panels = new Map(viewNames.map((name) => [name, panelOf(name)]));
  const stage = element("div", { class: "stage" });
  const dock = makeDock(redraw);
  const player = play(store);
  const alarms = banners(context, () => shown.reader);
  const replay = new Replay(host, (words) => {
    alarms.say(words);
    top.draw();
  });
  const top = header(context, abilities, () => replay.isRunning, {
    play: player.toggle,
    compare: () => attempt(addComparison),
    replay: () => attempt(replay.isRunning ? () => replay.cancel(shown.source) : replayShown),
    save: () => attempt(() => savePage(host, shown)),
    chain: (chain) => attempt(() => showChain(chain)),
  });
  const copy = () => attempt(() => host.ask("copy", { text: copyOf(store) }));
  const foot = footer(context, abilities, {
    copy,
    reveal: (position) => attempt(() => reveal(position)),
  });
  const stripRow = element("div", { class: "strip" }, strip.root, foot.figures);
  page.append(top.root, alarms.root, stripRow, stage, foot.root);

  const reading = new Reading(async () => {
    const { run, other, following, tokens } = store.state;
    data.grown();
    store.update({
      version: run.version + (other?.version ?? 0),
      tokens: following ? run.tokens : tokens,
      live: shown.source.live,
    });
    await nextFrame();
  });

  function panelOf(name: ViewName): Panel {
    const { title, make } = views[name];
    const panel: Panel = makePanel(name, title, make(context), {
      png: () => attempt(() => savePng(host, shown.source.name, panel)),
      svg: () => attempt(() => saveSvg(host, shown.source.name, panel)),
      csv: () => attempt(() => saveCsv(host, shown.source.name, panel)),
    });
    return panel;
  }

  function draw(which: (view: View) => boolean): void {
    for (const panel of panels.values()) if (which(panel.view)) panel.draw();
  }

  store.subscribe((changed) => {
    const touches = (view: View) => view.needs.some((need) => changed.has(need));
    const isMoving = [...changed].every((key) => key === "tokens" || key === "version");
    if (touches(strip)) strip.draw();
    draw((view) => touches(view) && !(isMoving && waits(view)));
    if (isMoving) (changed.has("version") ? nowAndThen : moved.call)();
    drawFrame();
  });

  function drawFrame(): void {
    top.draw();
    foot.draw();
    alarms.draw();
  }

  function arrange(): void {
    const layout = layoutFor(page.clientWidth);
    if (page.dataset.layout === layout.name) return;
    page.dataset.layout = layout.name;
    const own = layout.placed.flatMap((name) => panels.get(name)?.root ?? []);
    for (const root of own) root.hidden = false;
    stage.replaceChildren(...own, dock.root);
    dock.hold(docked(layout, viewNames).flatMap((name) => panels.get(name) ?? []));
    redraw();
  }

  /** Does what may fail; a failure is said in the page, and can be tried again. */
  function attempt(action: () => Promise<unknown>): void {
    action().catch((error: unknown) => {
      alarms.say(error instanceof Error ? error.message : String(error), () => attempt(action));
    });
  }

  /** Shows what was opened, and reads on in it. */
  async function take(more: Opened): Promise<void> {
    data.serve(more.run, more.reader);
    store.update(more === shown ? { run: more.run } : { other: more.run });
    await reading.readOn(more);
    drawWaiting();
  }

  async function addComparison(): Promise<void> {
    const source = await host.ask("pickComparison", { trace: shown.source.id });
    if (!source) return;
    dock.choose("compare");
    await take(await open(host, source));
  }

  async function replayShown(): Promise<void> {
    dock.choose("cost");
    const isFound = await replay.start(shown.source);
    if (isFound) await host.ask("watch", { trace: shown.source.id, watching: true });
  }

  async function showChain(chain: number): Promise<void> {
    shown = await open(host, shown.source, chain);
    store.update({ ...initialState(shown.run, shown.source.live), other: store.state.other });
    await take(shown);
  }

  async function reveal(position: number): Promise<void> {
    const { chain } = shown.run;
    await host.ask("revealInChat", { trace: shown.source.id, chain, position });
  }

  const watch = () => {
    if (!shown.source.live) return;
    const watching = document.visibilityState === "visible";
    attempt(() => host.ask("watch", { trace: shown.source.id, watching }));
  };
  const showTheme = () => {
    theme = readTheme(document.body);
    writeShades(page, theme);
    store.update({ theme: store.state.theme + 1 });
  };
  document.addEventListener("visibilitychange", watch);
  document.addEventListener(
    "keydown",
    keysOf(store, (name) => panels.get(name)?.view, {
      play: player.toggle,
      help: foot.help,
      find: () => page.querySelector<HTMLElement>(".find")?.focus(),
      copy,
    }),
  );
  new ResizeObserver(() => requestAnimationFrame(arrange)).observe(page);
  const themeAttributes = { attributes: true, attributeFilter: ["class", "data-theme"] };
  new MutationObserver(showTheme).observe(document.body, themeAttributes);
  showTheme();
  document.title = shown.source.name;
  arrange();
  drawFrame();
  watch();
  for (const one of opened) attempt(() => take(one));

  return {
    grown(event) {
      if (event.trace === shown.source.id) attempt(() => reading.grown(event, shown));
    },
    replaying: (event) => replay.progress(event),
  };
}
