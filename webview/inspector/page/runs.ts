import type { InspectorEvents, Shown, TraceSource } from "../../../src/shared/wire/inspectorApi";
import { keptPlace } from "../state/place";
import { initialState, type Store } from "../state/state";
import type { TraceData } from "../state/traceData";
import type { Host } from "./host";
import { nextFrame } from "./frames";
import { open, Reading, type Opened } from "./reading";

/** The run that is looked at and the one beside it: read to their ends, and left for others. */
export class Runs {
  private other: Opened | undefined;
  private readonly reading = new Reading(() => this.tookIn());
  /** What was asked for last; what comes later than another wish is not wanted any more. */
  private wish: object | undefined;

  constructor(
    private readonly host: Host,
    private readonly store: Store,
    private readonly data: TraceData,
    public shown: Opened,
  ) {}

  /** Ids of all that is shown. */
  get traces(): string[] {
    return [this.shown, this.other].flatMap((one) => one?.source.id ?? []);
  }

  get isBusy(): boolean {
    return this.reading.isBusy;
  }

  /** Reads what the page begins with. Rejects, as all of these do, with an Error to be shown. */
  async begin(other: Opened | undefined): Promise<void> {
    await this.look(this.shown, other);
  }

  /** Shows others in their place. */
  async show({ traces, chain }: Shown): Promise<void> {
    const [first, second] = traces;
    await this.lookAt(first, chain, second);
  }

  async showChain(chain: number): Promise<void> {
    await this.lookAt(this.shown.source, chain, this.other?.source);
  }

  async compareWith(source: TraceSource): Promise<void> {
    const { shown } = this;
    await this.lookAt(shown.source, shown.run.chain, source);
  }

  async grown(event: InspectorEvents["grown"]): Promise<void> {
    if (event.trace === this.shown.source.id) await this.reading.grown(event, this.shown);
  }

  /** A live trace is followed while somebody can see it. */
  async watch(): Promise<void> {
    const { source } = this.shown;
    const watching = document.visibilityState === "visible";
    if (source.live) await this.host.ask("watch", { trace: source.id, watching });
  }

  private async lookAt(
    first: TraceSource,
    chain: number,
    second: TraceSource | undefined,
  ): Promise<void> {
    const wish = {};
    this.wish = wish;
    const [shown, other] = await Promise.all([
      this.opened(first, chain),
      second && this.opened(second, 0),
    ]);
    if (wish === this.wish) await this.look(shown, other);
  }

  /** Opened anew only where it is not there. */
  private async opened(source: TraceSource, chain: number): Promise<Opened> {
    const known = [this.shown, this.other].filter((one) => one?.source.id === source.id);
    const same = known.find((one) => one?.run.chain === chain);
    return same ?? open(this.host, source, chain, known[0]?.bytes);
  }

  private async look(shown: Opened, other: Opened | undefined): Promise<void> {
    const { store } = this;
    const before = this.shown;
    for (const left of [before, this.other])
      if (left && left !== shown && left !== other) this.reading.leave(left);
    this.shown = shown;
    this.other = other;
    const { run, source } = shown;
    if (shown === before) store.update({ run, other: other?.run });
    else {
      const place = keptPlace(store.state, run);
      store.update({ ...initialState(run, source.live), ...place, other: other?.run });
    }
    if (before.source.live && before.source.id !== source.id)
      await this.host.ask("watch", { trace: before.source.id, watching: false });
    await Promise.all([this.watch(), this.read(shown), other && this.read(other)]);
  }

  private async read(opened: Opened): Promise<void> {
    this.data.serve(opened.run, opened.reader);
    await this.reading.readOn(opened);
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
}
