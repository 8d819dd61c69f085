import { reasonOf } from "../../../src/shared/reasonOf";
import type {
  InspectorAbilities,
  InspectorEvents,
  Shown,
} from "../../../src/shared/wire/inspectorApi";
import { element } from "../../common/dom";
import type { Context } from "../scene/figure";
import type { Acts } from "../scene/insteadElement";
import type { Theme } from "../scene/theme";
import { initialState, Store, type State } from "../state/state";
import { TraceData } from "../state/traceData";
import { viewsFor } from "../views";
import { copyOf } from "../views/parts/tokenTable";
import { AwaitedData } from "../export/awaitedData";
import { Banners } from "./banners";
import { ExportDialog, type FigureChoice } from "./exportMenu";
import { FollowToggle } from "./followToggle";
import { Footer } from "./footer";
import { Header, type HeaderActions } from "./header";
import type { Host } from "./host";
import { keysOf } from "./keyboard";
import { onceAFrame } from "./frames";
import { readTheme, writeShades } from "./pageTheme";
import { playOrPause, walkWhilePlaying } from "./playback";
import type { Opened } from "./reading";
import { Redraw, type Drawn } from "./redraw";
import { Replay } from "./replay";
import { Runs } from "./runs";
import { saveFigure, savePage } from "./save";
import { Stage } from "./stage";
import { Strip } from "./strip";
import { sweepOnCompaction } from "./sweep";

/** The inspector on a page, for one run or for two. */
export class App {
  private theme: Theme = readTheme(document.body);
  private readonly store: Store;
  private readonly runs: Runs;
  private readonly redraw: Redraw;
  private readonly strip: Strip;
  private readonly stage: Stage;
  private readonly figures: ExportDialog;
  private readonly header: Header;
  private readonly footer: Footer;
  private readonly banners: Banners;
  private readonly replay: Replay;
  private readonly follow: FollowToggle;

  constructor(
    private readonly page: HTMLElement,
    private readonly host: Host,
    [shown, other]: Opened[],
    private readonly abilities: InspectorAbilities,
    follows: boolean,
  ) {
    const { run, source } = shown;
    this.store = new Store(initialState(run, source.live), (call) => requestAnimationFrame(call));
    const arrived = onceAFrame(() => this.redraw.arrived());
    const data = new TraceData(arrived);
    this.runs = new Runs(host, this.store, data, shown);
    const theme = () => this.theme;
    const context: Context = { store: this.store, data, theme, acts: this.acts(abilities) };
    this.strip = new Strip(context);
    this.stage = new Stage(page, context, (panel) => {
      return { exportFigure: () => this.figures.open([panel().name]) };
    });
    this.figures = new ExportDialog(
      () => viewsFor(this.store.state.run),
      (view) => this.stage.panelNamed(view)?.onScreen,
      () => page.clientWidth,
      (choice) => this.saveFigure(choice, data),
    );
    this.banners = new Banners(this.store, () => this.shown.reader);
    this.replay = this.newReplay();
    this.header = new Header(this.store, this.actions());
    this.footer = new Footer(this.store, abilities, {
      copy: () => this.copy(),
      reveal: (position) => this.attempt(() => this.reveal(position)),
    });
    this.redraw = new Redraw(
      this.store,
      () => this.drawn(),
      () => this.runs.isBusy,
    );
    this.follow = new FollowToggle({
      follow: (following) => this.attempt(() => this.setFollowing(following)),
      another: () => this.attempt(() => this.openAnother()),
    });
    sweepOnCompaction(this.store);
    walkWhilePlaying(this.store);
    this.putUp();
    this.showFollowing(follows);
    if (other) this.stage.show("compare");
    this.attempt(() => this.finish(this.runs.begin(other)));
  }

  private newReplay(): Replay {
    const cancel = () => this.attempt(() => this.replay.cancel(this.shown.source));
    return new Replay(this.host, (words) =>
      this.banners.say(words, { label: "Cancel", does: cancel }),
    );
  }

  private get shown(): Opened {
    return this.runs.shown;
  }

  /** Takes the place of what is shown; layer, head and views stay, but for a comparison that ends. */
  show(shown: Shown): void {
    const { tabs } = this.stage;
    if (shown.traces.length > 1) tabs.choose("compare");
    else if (tabs.chosen === "compare") tabs.choose("now");
    this.banners.say("");
    this.attempt(() => this.finish(this.runs.show(shown)));
    this.showFollowing(shown.follows);
  }

  /** The trace has grown on the host's side. */
  grown(event: InspectorEvents["grown"]): void {
    this.attempt(() => this.runs.grown(event));
  }

  replaying(event: InspectorEvents["replaying"]): void {
    this.replay.progress(event);
  }

  private putUp(): void {
    const { page, header, banners, strip, footer, stage } = this;
    const bottom = element("div", { class: "bottom" }, stage.tabs.root, footer.root);
    page.append(header.root, banners.root, strip.root, stage.root, bottom, this.figures.root);
    if (this.abilities.follow) header.root.firstElementChild?.after(this.follow.root);
    this.store.subscribe((changed) => this.changed(changed));
    this.listen();
    this.showTheme();
    stage.arrange();
    this.drawFrame();
  }

  private changed(changed: ReadonlySet<keyof State>): void {
    const { chain } = this.store.state;
    if (changed.has("chain") && !changed.has("run"))
      this.attempt(() => this.finish(this.runs.showChain(chain)));
    if (changed.has("run")) this.stage.arrange();
    this.drawFrame();
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
    document.addEventListener("visibilitychange", () => this.attempt(() => this.runs.watch()));
    new ResizeObserver(() => requestAnimationFrame(() => stage.arrange())).observe(page);
    const attributes = { attributes: true, attributeFilter: ["class", "data-theme"] };
    new MutationObserver(() => this.showTheme()).observe(document.body, attributes);
  }

  private drawn(): Drawn[] {
    const { figure } = this.strip;
    return [figure, ...this.stage.drawn()];
  }

  private drawFrame(): void {
    const { name } = this.shown.source;
    if (document.title !== name) document.title = name;
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
      chain: (chain) => this.store.update({ chain }),
    };
  }

  private saveFigure(choice: FigureChoice, data: TraceData): void {
    const { state } = this.store;
    this.banners.say("");
    const subject = { state, data: new AwaitedData(data), trace: this.shown.source.name };
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

  /** Draws what waited for the end of the reading. */
  private async finish(reading: Promise<void>): Promise<void> {
    await reading;
    this.rememberPinned();
    this.redraw.waiting();
  }

  private async addComparison(): Promise<void> {
    const source = await this.host.ask("pickComparison", { trace: this.shown.source.id });
    if (!source) return;
    this.stage.show("compare");
    await this.finish(this.runs.compareWith(source));
  }

  private async startReplay(): Promise<void> {
    const { source } = this.shown;
    if (this.replay.isRunning) return;
    const isFound = await this.replay.start(source);
    if (isFound) await this.host.ask("watch", { trace: source.id, watching: true });
  }

  private async setFollowing(following: boolean): Promise<void> {
    await this.host.ask("follow", { following });
    this.showFollowing(following);
  }

  private showFollowing(follows: boolean): void {
    this.follow.show(follows);
    this.rememberPinned();
  }

  private rememberPinned(): void {
    const { traces, shown } = this.runs;
    this.host.rememberPinned(this.follow.follows ? null : { traces, chain: shown.run.chain });
  }

  private async openAnother(): Promise<void> {
    const { source, run } = this.shown;
    await this.host.ask("openAnother", { trace: source.id, chain: run.chain });
  }

  private async reveal(position: number): Promise<void> {
    const { run, source } = this.shown;
    await this.host.ask("revealInChat", { trace: source.id, chain: run.chain, position });
  }

  private copy(): void {
    this.attempt(() => this.host.ask("copy", { text: copyOf(this.store.state) }));
  }

  private showTheme(): void {
    this.theme = readTheme(document.body);
    writeShades(this.page, this.theme);
    this.redraw.everything();
  }
}
