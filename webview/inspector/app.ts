import type {
  InspectorAbilities,
  InspectorEvents,
  TraceSource,
} from "../../src/shared/inspectorApi";
import { element } from "../common/dom";
import { banners } from "./banners";
import { makeDock } from "./dock";
import { saveCsv, savePage, savePng, saveSvg } from "./out/save";
import { footer } from "./footer";
import { header } from "./header";
import { remoteBytes, type Host } from "./host";
import { onGlobalKey } from "./keyboard";
import { docked, layoutFor } from "./layout";
import { load, type Loaded } from "./loader";
import { makePanel, type Panel } from "./panel";
import { play } from "./playback";
import { initialState, Store } from "./state";
import { readTheme, writeShades, type Theme } from "./theme";
import { TraceData } from "./traceData";
import type { Context, View } from "./view";
import { viewNames, type ViewName } from "./viewNames";
import { compare } from "./views/compare";
import { cost } from "./views/cost";
import { heads } from "./views/heads";
import { history } from "./views/history";
import { memory } from "./views/memory";
import { redundancyMap } from "./views/redundancyMap";
import { retentionMap } from "./views/retentionMap";
import { runStrip } from "./views/runStrip";
import { tokenText } from "./views/tokenText";
import { whatIf } from "./views/whatIf";
import { why } from "./views/why";

export interface Opened extends Loaded {
  source: TraceSource;
  bytes: ReturnType<typeof remoteBytes>;
}

export interface App {
  grown(event: InspectorEvents["grown"]): void;
  replaying(event: InspectorEvents["replaying"]): void;
}

const views: Record<ViewName, { title: string; make: (context: Context) => View }> = {
  text: { title: "Token text", make: tokenText },
  map: { title: "Retention", make: retentionMap },
  redundancy: { title: "Redundancy", make: redundancyMap },
  why: { title: "Why", make: why },
  history: { title: "History", make: history },
  whatIf: { title: "What if", make: whatIf },
  heads: { title: "Heads", make: heads },
  memory: { title: "Memory", make: memory },
  cost: { title: "Cost", make: cost },
  compare: { title: "Compare", make: compare },
};

/** Puts up the inspector for one run, or for two. */
export function mount(
  page: HTMLElement,
  host: Host,
  opened: Opened[],
  abilities: InspectorAbilities,
): App {
  const [first] = opened;
  const store = new Store(initialState(first.run), (callback) => requestAnimationFrame(callback));
  let theme: Theme = readTheme(document.body);
  const redraw = once(() => draw(viewNames));
  const rest = afterRest(redraw);
  const data = new TraceData(redraw);
  const context: Context = { store, data, theme: () => theme, redraw };
  const take = (more: Opened) => data.serve(more.run, more.reader);
  opened.forEach(take);
  if (opened[1]) store.update({ other: opened[1].run });

  const strip = runStrip(context);
  const panels = new Map<ViewName, Panel>(
    viewNames.map((name) => {
      const { title, make } = views[name];
      const panel: Panel = makePanel(name, title, make(context), {
        png: () => void savePng(host, first.source.name, panel),
        svg: () => void saveSvg(host, first.source.name, panel),
        csv: () => void saveCsv(host, first.source.name, panel),
      });
      return [name, panel];
    }),
  );
  const stage = element("div", { class: "stage" });
  const dock = makeDock(redraw);
  const player = play(store);
  const alarms = banners(context, first);
  const top = header(context, abilities, {
    play: player.toggle,
    compare: () => void attempt(addComparison),
    replay: () => void attempt(replay),
    save: () => void savePage(host, first),
  });
  const foot = footer(context);
  const stripRow = element("div", { class: "strip" }, strip.root, foot.figures);
  page.append(top.root, alarms.root, stripRow, stage, foot.root);

  function draw(names: Iterable<ViewName>): void {
    for (const name of names) panels.get(name)?.draw();
  }

  store.subscribe((changed) => {
    const touches = (view: View) => view.needs.some((need) => changed.has(need));
    if (touches(strip)) strip.draw();
    const isScrubbing = changed.size === 1 && changed.has("tokens");
    for (const panel of panels.values())
      if (touches(panel.view) && !(isScrubbing && panel.view.waitsForRest)) panel.draw();
    if (isScrubbing) rest();
    top.draw();
    foot.draw();
    alarms.draw();
  });

  function arrange(): void {
    const layout = layoutFor(page.clientWidth);
    if (page.dataset.layout !== layout.name) {
      page.dataset.layout = layout.name;
      const own = layout.placed.flatMap((name) => panels.get(name)?.root ?? []);
      for (const root of own) root.hidden = false;
      stage.replaceChildren(...own, dock.root);
      dock.hold(docked(layout, viewNames).flatMap((name) => panels.get(name) ?? []));
    }
    strip.draw();
    redraw();
  }

  /** Does what may fail; a failure is said in the page. */
  async function attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      alarms.say(error instanceof Error ? error.message : String(error));
    }
  }

  async function addComparison(): Promise<void> {
    const source = await host.ask("pickComparison", { trace: first.source.id });
    if (!source) return;
    const bytes = remoteBytes(host, source);
    const loaded = await load(bytes);
    await loaded.refresh();
    take({ source, bytes, ...loaded });
    store.update({ other: loaded.run });
    dock.choose("compare");
  }

  async function replay(): Promise<void> {
    dock.choose("cost");
    await host.ask("replay", { trace: first.source.id });
    alarms.say("");
    await host.ask("watch", { trace: first.source.id, watching: true });
  }

  let refreshing = false;
  async function grow(): Promise<void> {
    if (refreshing) return;
    refreshing = true;
    await first.refresh();
    refreshing = false;
    const { run } = store.state;
    const tokens = store.state.following ? run.tokens : store.state.tokens;
    store.update({ version: run.version, tokens });
  }

  const watch = () => {
    if (!first.source.live) return;
    const watching = document.visibilityState === "visible";
    void host.ask("watch", { trace: first.source.id, watching });
  };
  document.addEventListener("visibilitychange", watch);
  document.addEventListener("keydown", (event) => {
    if ((event.target as HTMLElement).closest("input, select, vscode-text-field, [role=tablist]"))
      return;
    if (
      event.key === " " &&
      (event.target as HTMLElement).closest("button, summary, vscode-button")
    )
      return;
    const inView = (event.target as HTMLElement).closest<HTMLElement>("[data-view]");
    const view = panels.get(inView?.dataset.view as ViewName)?.view;
    const taken =
      (event.key.startsWith("Arrow") && view?.onKey?.(event)) ||
      onGlobalKey(store, event, {
        play: player.toggle,
        help: foot.help,
        find: () => page.querySelector<HTMLElement>(".find")?.focus(),
      });
    if (taken) event.preventDefault();
  });
  new ResizeObserver(() => requestAnimationFrame(arrange)).observe(page);
  new MutationObserver(() => {
    theme = readTheme(document.body);
    writeShades(page, theme);
    store.update({ theme: store.state.theme + 1 });
  }).observe(document.body, { attributes: true, attributeFilter: ["class", "data-theme"] });
  writeShades(page, theme);
  document.title = first.source.name;
  arrange();
  top.draw();
  foot.draw();
  alarms.draw();
  watch();

  return {
    grown({ trace, bytes, live }) {
      if (trace !== first.source.id) return;
      first.bytes.bytes = bytes;
      first.source.live = live;
      void grow();
    },
    replaying({ done, total }) {
      alarms.say(`Replaying with the full cache: ${done} of ${total} tokens.`);
    },
  };
}

const restMillis = 120;

/** Calls when it has not been asked to for a moment. */
function afterRest(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(callback, restMillis);
  };
}

/** Calls at most once a frame. */
function once(callback: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      callback();
    });
  };
}
