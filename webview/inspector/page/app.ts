import { reasonOf } from "../../../src/shared/reasonOf";
import type { InspectorAbilities, InspectorEvents } from "../../../src/shared/wire/inspectorApi";
import { element } from "../../common/dom";
import type { Context } from "../scene/figure";
import type { Acts } from "../scene/insteadElement";
import type { Theme } from "../scene/theme";
import { initialState, Store } from "../state/state";
import { TraceData } from "../state/traceData";
import { copyOf } from "../views/parts/tokenTable";
import { AwaitedData } from "../export/awaitedData";
import { Banners } from "./banners";
import { ExportDialog, type FigureChoice } from "./exportMenu";
import { Footer } from "./footer";
import { Header, type HeaderActions } from "./header";
import type { Host } from "./host";
import { keysOf } from "./keyboard";
import { nextFrame, onceAFrame } from "./pace";
import { readTheme, writeShades } from "./pageTheme";
import { playOrPause, walkWhilePlaying } from "./playback";
import { open, Reading, type Opened } from "./reading";
import { Redraw, type Drawn } from "./redraw";
import { Replay } from "./replay";
import { saveFigure, savePage } from "./save";
import { Stage } from "./stage";
import { Strip } from "./strip";
import { sweepOnCompaction } from "./sweep";

/** The inspector on a page, for one run or for two. */
export class App {
  private shown: Opened;
  private theme: Theme = readTheme(document.body);
  private readonly store: Store;
  private readonly data: TraceData;
  private readonly redraw: Redraw;
  private readonly strip: Strip;
  private readonly stage: Stage;
  private readonly figures: ExportDialog;
  private readonly header: Header;
  private readonly footer: Footer;
  private readonly banners: Banners;
  private readonly replay: Replay;
  private readonly reading = new Reading(() => this.tookIn());

  constructor(
    private readonly page: HTMLElement,
    private readonly host: Host,
    opened: Opened[],
    abilities: InspectorAbilities,
  ) {
    [this.shown] = opened;
    const { run, source } = this.shown;
    this.store = new Store(initialState(run, source.live), (call) => requestAnimationFrame(call));
    const arrived = onceAFrame(() => this.redraw.arrived());
    this.data = new TraceData(arrived);
    const context: Context = {
      store: this.store,
      data: this.data,
      theme: () => this.theme,
      acts: this.acts(abilities),
    };
    this.strip = new Strip(context);
    this.stage = new Stage(page, context, (panel) => {
      return { exportFigure: () => this.figures.open([panel().name]) };
    });
    this.figures = new ExportDialog(
      (view) => this.stage.panelNamed(view)?.onScreen,
      () => page.clientWidth,
      (choice) => this.saveFigure(choice),
    );
    this.banners = new Banners(this.store, () => this.shown.reader);
    this.replay = new Replay(host, (words) => {
      const cancel = () => this.attempt(() => this.replay.cancel(this.shown.source));
      this.banners.say(words, { label: "Cancel", does: cancel });
    });
    this.header = new Header(this.store, this.actions());
    this.footer = new Footer(this.store, abilities, {
      copy: () => this.copy(),
      reveal: (position) => this.attempt(() => this.reveal(position)),
    });
    this.redraw = new Redraw(
      this.store,
      () => this.drawn(),
      () => this.reading.isBusy,
    );
    sweepOnCompaction(this.store);
    walkWhilePlaying(this.store);
    this.putUp();
    for (const one of opened) this.attempt(() => this.take(one));
  }

  /** The trace has grown on the host's side. */
  grown(event: InspectorEvents["grown"]): void {
    if (event.trace === this.shown.source.id)
      this.attempt(() => this.reading.grown(event, this.shown));
  }

  replaying(event: InspectorEvents["replaying"]): void {
    this.replay.progress(event);
  }

  private putUp(): void {
    const { page, header, banners, strip, footer, stage } = this;
    const bottom = element("div", { class: "bottom" }, stage.tabs.root, footer.root);
    const { root: figures } = this.figures;
    page.append(header.root, banners.root, strip.root, stage.root, bottom, figures);
    this.store.subscribe(() => this.drawFrame());
    this.listen();
    this.showTheme();
    document.title = this.shown.source.name;
    stage.arrange();
    this.drawFrame();
    this.watch();
  }

  private listen(): void {
    const { page, stage } = this;
    const keys = keysOf(this.store, {
      follow: (name, key) => stage.panelNamed(name)?.follow(key) === true,
      play: () => playOrPause(this.store),
      help: () => this.footer.toggleHelp(),
      find: () => page.querySelector<HTMLElement>(".find")?.focus(),
      copy: () => this.copy(),
    });
    document.addEventListener("keydown", keys);
    document.addEventListener("visibilitychange", () => this.watch());
    new ResizeObserver(() => requestAnimationFrame(() => stage.arrange())).observe(page);
    const attributes = { attributes: true, attributeFilter: ["class", "data-theme"] };
    new MutationObserver(() => this.showTheme()).observe(document.body, attributes);
  }

  private drawn(): Drawn[] {
    const { figure } = this.strip;
    return [figure, ...this.stage.drawn()];
  }

  private drawFrame(): void {
    this.strip.draw();
    this.header.draw();
    this.footer.draw();
    this.banners.draw();
  }

  private actions(): HeaderActions {
    return {
      name: () => this.shown.source.name,
      save: () => this.attempt(async () => this.banners.say(await savePage(this.host, this.shown))),
      exportFigure: () => this.figures.open(this.stage.inSight),
      chain: (chain) => this.attempt(() => this.showChain(chain)),
    };
  }

  private saveFigure(choice: FigureChoice): void {
    const { state } = this.store;
    this.banners.say("");
    const subject = { state, data: new AwaitedData(this.data), trace: this.shown.source.name };
    this.attempt(async () =>
      this.banners.say(await saveFigure(this.host, choice, subject, this.theme)),
    );
  }

  /** What an empty view has a button for, as far as the host can do it. */
  private acts({ compare, replay }: InspectorAbilities): Acts {
    return {
      compare: compare ? () => this.attempt(() => this.addComparison()) : undefined,
      replay: replay ? () => this.attempt(() => this.startReplay()) : undefined,
    };
  }

  /** Does what may fail; a failure is said in the page, and can be tried again. */
  private attempt(action: () => Promise<unknown>): void {
    action().catch((error: unknown) => {
      const words = reasonOf(error);
      this.banners.say(words, { label: "Try again", does: () => this.attempt(action) });
    });
  }

  /** After each slice of a trace that was read. */
  private async tookIn(): Promise<void> {
    const { run, other, following, tokens } = this.store.state;
    this.data.grown();
    this.store.update({
      version: run.version + (other?.version ?? 0),
      tokens: following ? run.tokens : tokens,
      live: this.shown.source.live,
    });
    await nextFrame();
  }

  /** Shows what was opened, and reads on in it. */
  private async take(more: Opened): Promise<void> {
    this.data.serve(more.run, more.reader);
    this.store.update(more === this.shown ? { run: more.run } : { other: more.run });
    await this.reading.readOn(more);
    this.redraw.waiting();
  }

  private async addComparison(): Promise<void> {
    const source = await this.host.ask("pickComparison", { trace: this.shown.source.id });
    if (!source) return;
    this.stage.show("compare");
    await this.take(await open(this.host, source));
  }

  private async startReplay(): Promise<void> {
    const { source } = this.shown;
    if (this.replay.isRunning) return;
    const isFound = await this.replay.start(source);
    if (isFound) await this.host.ask("watch", { trace: source.id, watching: true });
  }

  private async showChain(chain: number): Promise<void> {
    this.shown = await open(this.host, this.shown.source, chain);
    const { run, source } = this.shown;
    this.store.update({ ...initialState(run, source.live), other: this.store.state.other });
    await this.take(this.shown);
  }

  private async reveal(position: number): Promise<void> {
    const { run, source } = this.shown;
    await this.host.ask("revealInChat", { trace: source.id, chain: run.chain, position });
  }

  private copy(): void {
    this.attempt(() => this.host.ask("copy", { text: copyOf(this.store.state) }));
  }

  /** A live trace is followed while somebody can see it. */
  private watch(): void {
    const { source } = this.shown;
    if (!source.live) return;
    const watching = document.visibilityState === "visible";
    this.attempt(() => this.host.ask("watch", { trace: source.id, watching }));
  }

  private showTheme(): void {
    this.theme = readTheme(document.body);
    writeShades(this.page, this.theme);
    this.redraw.everything();
  }
}
