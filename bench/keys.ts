/**
 * How soon a key shows in the chat's page while an engine of 1.54 billion int4 parameters decodes on
 * the same cores, against the same machine idle, in turn. The page paints in software.
 */
import path from "node:path";
import { EngineProcess } from "../src/client/engine/engineProcess";
import { defaultCacheSettings, defaultSamplingSettings } from "../src/shared/settings/settings";
import { startBrowser } from "../test/support/browser";
import { serveFakeEngine } from "../test/support/servedChat";
import { withWholeModel } from "./support/stockModel";
import { printTable } from "./support/table";
import { observeTyping, quantile, typeWhile } from "./support/typing";

const [rounds, millis] = [3, 15_000];
const ids = [1, 2, 3, 4];

async function measure(modelFile: string): Promise<void> {
  const browser = await startBrowser();
  const served = await serveFakeEngine();
  const engine = new EngineProcess({ script: path.resolve("dist/engine.js") });
  try {
    const page = await browser.newPage({ viewport: { width: 420, height: 900 } });
    await page.goto(served.server.newAddress());
    await observeTyping(page);
    await page.getByLabel("Your question", { exact: true }).focus();
    await engine.request("load", { folder: modelFile, device: "cpu" });
    const keys = { idle: [] as number[], "while it decodes": [] as number[] };
    let tokens = 0;
    for (let round = 0; round < rounds; round++) {
      keys.idle.push(...(await typeWhile(page, lasting(millis))).keys);
      tokens += await whileDecoding(engine, async () => {
        keys["while it decodes"].push(...(await typeWhile(page, lasting(millis))).keys);
      });
    }
    const rows = Object.entries(keys).map(([machine, all]) => asRow(machine, all));
    printTable(`key to paint, ${rounds} × ${millis / 1000} s each; ${tokens} tokens decoded`, rows);
  } finally {
    await engine.dispose();
    await served.close();
    await browser.close();
  }
}

/** True until so much time has passed. */
function lasting(time: number): () => boolean {
  const end = performance.now() + time;
  return () => performance.now() < end;
}

/** Returns how many tokens were decoded meanwhile. */
async function whileDecoding(engine: EngineProcess, work: () => Promise<void>): Promise<number> {
  const run = "keys";
  let position = 0;
  const stopListening = engine.subscribe({ figures: (figures) => ({ position } = figures) });
  const generating = engine.request("generate", {
    run,
    prompt: { kind: "ids", ids },
    cache: defaultCacheSettings,
    sampling: defaultSamplingSettings,
    chains: 1,
    maxTokens: 16_384,
  });
  while (position <= ids.length) await new Promise((resolve) => setTimeout(resolve, 20));
  await work();
  await engine.cancel(run, generating);
  await generating;
  stopListening();
  return position;
}

function asRow(machine: string, keys: number[]): Record<string, string> {
  keys.sort((a, b) => a - b);
  const at = (share: number): string => `${quantile(keys, share)} ms`;
  return {
    machine,
    keys: String(keys.length),
    median: at(0.5),
    p95: at(0.95),
    longest: at(1),
  };
}

void withWholeModel(measure);
