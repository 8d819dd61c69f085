/** Inspectors of one trace after the other, in frames of one page: what each costs, and its faults. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { selfContainedPage } from "../../../webview/inspector/export/page";
import { everyView, viewer, watched, type Seen } from "./inspectorPage";
import { meterOf, type PageMeter } from "./pageMeter";

const mostSeconds = 1;
const mostMegabytes = 400;
const patienceMillis = 20_000;
const tracesPerPage = 20;

/** Shows a page in a frame, and waits until its trace is read. */
const show = `window.show = async (html) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { width: 1500, height: 900, srcdoc: html });
  document.body.replaceChildren(frame);
  const until = performance.now() + ${patienceMillis};
  const isRead = () => {
    const inside = frame.contentDocument;
    const notice = inside?.querySelector(".notice")?.textContent ?? "Opening";
    return inside?.querySelector(".banners progress[hidden]") || !notice.startsWith("Opening");
  };
  while (!isRead()) {
    if (performance.now() > until) throw new Error("The trace was not read in time.");
    await new Promise((go) => setTimeout(go, 5));
  }
}`;

export class FramedInspector {
  private place: { seen: Seen; meter: PageMeter } | undefined;
  private opened = 0;

  constructor(private readonly browser: Browser) {}

  /** Resolves to seconds of work. Rejects where it took too long or failed in any way. */
  async open(trace: Uint8Array): Promise<number> {
    const { seen, meter } = await this.nextPlace();
    const { page, requests, complaints } = seen;
    const before = await meter.seconds();
    const html = selfContainedPage("mutant.rkvtrace", trace, await viewer());
    await page.evaluate(`show(${JSON.stringify(html)})`);
    const frame = page.frames().at(-1) ?? page.mainFrame();
    await frame.evaluate(everyView);
    const words = await frame.evaluate<string>("document.body.innerText");
    const ran = await frame.evaluate("window.ran");
    const seconds = (await meter.seconds()) - before;
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((address) => !/^(file|data|blob|about):/.test(address)),
      [],
    );
    assert.ok(words.length > 10, "the page says nothing");
    assert.equal(ran, undefined, "a script ran");
    assert.ok(seconds < mostSeconds, `${seconds.toFixed(2)} s of work`);
    return seconds;
  }

  /** A fresh page now and then: what frames of the past leave behind is not a trace's doing. */
  private async nextPlace(): Promise<{ seen: Seen; meter: PageMeter }> {
    if (this.place && this.opened++ % tracesPerPage !== 0) return this.place;
    await this.place?.seen.page.close();
    const seen = await watched(this.browser);
    this.place = { seen, meter: await meterOf(this.browser, seen.page) };
    await seen.page.setContent("<!doctype html><title>frames</title>");
    await seen.page.evaluate(show);
    return this.place;
  }

  /** Rejects where the page has grown too large. */
  async megabytes(): Promise<number> {
    const megabytes = (await this.place?.meter.megabytes()) ?? 0;
    assert.ok(megabytes < mostMegabytes, `${megabytes} MB`);
    return megabytes;
  }
}
