/**
 * Whether looking slows thinking: the same run decoded by an engine process with its inspector open
 * and without, in turn, a trace written in both. On a machine whose cores the engine fills, the
 * page's painting takes its share of them; the engine's own processor time shows the rest.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { startServer } from "../src/cli/serve/server";
import { EngineProcess } from "../src/client/engine/engineProcess";
import { InspectorHost } from "../src/client/inspector/inspectorHost";
import { fileBytes } from "../src/client/inspector/traceBytes";
import { defaultCacheSettings, defaultSamplingSettings } from "../src/shared/settings/settings";
import { startBrowser } from "../test/support/browser";
import { onlyLooking } from "./support/onlyLooking";
import { withStockModel } from "./support/stockModel";
import { median, printTable } from "./support/table";

const rounds = 7;
const tokens = 1_200;
const cache = { ...defaultCacheSettings, budget: { kind: "count" as const, slots: 256 } };

/** Milliseconds a token. */
interface Reading {
  wall: number;
  /** Processor time of the engine, all its threads. */
  engine: number;
}

async function main(modelFile: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-bench-"));
  const engine = new EngineProcess({ script: path.resolve("dist/engine.js") });
  const browser = await startBrowser();
  let trace = path.join(folder, "0.rkvtrace");
  const server = await startServer({
    port: 0,
    assets: "dist/webview",
    onChat: () => () => undefined,
    onInspector: (connection) => {
      const live = { id: "live", name: "live", bytes: fileBytes(trace), isLive: () => true };
      return Promise.resolve(
        new InspectorHost({ traces: [live], chain: 0 }, onlyLooking).attach(connection),
      );
    },
  });
  const address = server.newAddress("/inspector");
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const readings: Record<"closed" | "open", Reading[]> = { closed: [], open: [] };
  try {
    await engine.request("load", { folder: modelFile, device: "cpu" });
    for (let round = -1; round < rounds; round++)
      for (const inspector of ["closed", "open"] as const) {
        trace = path.join(folder, `${round}-${inspector}.rkvtrace`);
        const reading = await decode(engine, trace, () =>
          inspector === "open" ? look(page, address) : page.goto("about:blank"),
        );
        if (round >= 0) readings[inspector].push(reading);
      }
    report(readings);
  } finally {
    await engine.dispose();
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Only what comes after `prepare`, which begins at the first tokens, is measured. */
async function decode(
  engine: EngineProcess,
  traceFile: string,
  prepare: () => Promise<unknown>,
): Promise<Reading> {
  let position = 0;
  const stopListening = engine.subscribe({
    figures: (figures) => void ({ position } = figures),
  });
  const generating = engine.request("generate", {
    run: path.basename(traceFile),
    prompt: { kind: "ids", ids: [1, 2, 3, 4] },
    ...{ cache, sampling: defaultSamplingSettings, chains: 1 },
    ...{ maxTokens: tokens, traceFile },
  });
  while (position < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  await prepare();
  const began = { at: performance.now(), cpu: await processorMillis(engine.pid), position };
  const end = await generating;
  stopListening();
  const decoded = end.position - began.position;
  return {
    wall: (performance.now() - began.at) / decoded,
    engine: ((await processorMillis(engine.pid)) - began.cpu) / decoded,
  };
}

async function look(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.waitForSelector("[data-view=map] .frames rect");
}

/** User and system time of a process so far; NaN where there is no /proc. */
async function processorMillis(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14);
  return (Number(user) + Number(system)) * 10;
}

function report({ closed, open }: Record<"closed" | "open", Reading[]>): void {
  const row = (what: string, of: (reading: Reading) => number) => {
    const [without, beside] = [median(closed.map(of)), median(open.map(of))];
    const more = `${(100 * (beside / without - 1)).toFixed(1)} %`;
    const said = (millis: number) => `${millis.toFixed(2)} ms`;
    return { what, "no inspector": said(without), "beside an inspector": said(beside), more };
  };
  printTable(`A run of ${tokens} tokens, ${rounds} times each, in turn (medians)`, [
    row("wall time of a token", ({ wall }) => wall),
    row("processor time of the engine, a token", ({ engine }) => engine),
  ]);
}

void withStockModel(main);
