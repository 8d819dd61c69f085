/** T19: what a model or a trace may say to make a page fetch, run or open something. */
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import type { Random } from "../../src/shared/random";
import { answer, chatState, turn } from "../support/chatStates";
import { hostileTrace } from "../support/inspector/craftedTraces";
import { FramedInspector } from "../support/inspector/framedInspector";
import { cannotStartBrowser, startBrowser } from "../support/browser";
import { hostile } from "../support/hostileMarkdown";
import { serveState } from "../support/servedChat";
import type { Attack } from "./attack";
import { tellHostileTraces } from "./hostileText";

const tracesPerOutput = 0.5;
/** Each is three processes. */
const toldPerOutput = 0.1;
const outputsPerPage = 20;

export const leakCorpus: Attack = {
  id: "T19",
  what: "hostile outputs in the chat, hostile words in traces, in pages and on a terminal",
  goal: "no request leaves, no script or command runs, nothing leads out, no terminal is steered",
  short: 16,
  long: 200,
  absent: () => cannotStartBrowser() || undefined,
  run: async (times, chance) => {
    const canary = await Canary.start();
    const browser = await startBrowser();
    try {
      const outputs = Array.from({ length: times }, () => outputFrom(chance, canary.address));
      for (let from = 0; from < times; from += outputsPerPage)
        await showOutputs(browser, outputs.slice(from, from + outputsPerPage));
      const traces = Math.ceil(times * tracesPerOutput);
      const inspector = new FramedInspector(browser);
      for (let made = 0; made < traces; made++)
        await inspector.open(hostileTrace(() => outputFrom(chance, canary.address)));
      assert.deepEqual(canary.visits, []);
      const told = Math.ceil(times * toldPerOutput);
      await tellHostileTraces(told, chance);
      return `${times} outputs and ${traces} traces: 0 requests, 0 scripts, 0 ways out; ${told} on a terminal: 0 steered`;
    } finally {
      await browser.close();
      canary.stop();
    }
  },
};

/** Where everything in the corpus leads; nobody should ever come. */
class Canary {
  readonly visits: string[] = [];

  private constructor(private readonly server: http.Server) {
    server.on("request", (request, response) => {
      this.visits.push(request.url ?? "");
      response.end();
    });
  }

  static async start(): Promise<Canary> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Canary(server);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }
}

const frames = [
  (text: string): string => text,
  (text: string): string => `- ${text}\n- two`,
  (text: string): string => `> ${text}`,
  (text: string): string => `| a |\n|---|\n| ${text.replaceAll("\n", " ")} |`,
  (text: string): string => `**${text}** and \`${text}\``,
  (text: string): string => `[${text}](${text})`,
  (text: string): string => `$${text}$`,
  (text: string): string => `\u202e${text}\u0007\u001b]8;;${text}\u0007`,
];

/** Some of the corpus, one within or after the other. */
function outputFrom(chance: Random, canary: string): string {
  const corpus = hostile(canary);
  const pieces = Array.from({ length: chance.integer(1, 3) }, () =>
    chance.pick(frames)(chance.pick(corpus)),
  );
  return pieces.join(chance.pick(["\n\n", "\n", " ", ""]));
}

const dangerous =
  ".transcript :is(img, script, iframe, form, object, embed, link, style, image, a[href], [src], [style*=url])";

/** In the real chat page, as answers and as thinking. */
async function showOutputs(browser: Browser, outputs: string[]): Promise<void> {
  const turns = outputs.map((text, index) =>
    turn(`turn-${index}`, text, answer({ id: `answer-${index}`, text, thinking: text })),
  );
  const { server } = await serveState(() => chatState(turns));
  const page = await browser.newPage();
  const strangers: string[] = [];
  const dialogs: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).host !== `127.0.0.1:${server.port}`) strangers.push(request.url());
  });
  page.on("dialog", (dialog) => dialogs.push(dialog.message()));
  try {
    await page.goto(server.newAddress());
    await page
      .locator(".turn")
      .nth(outputs.length - 1)
      .waitFor();
    for (const fold of await page.locator(".thinkingHead").all()) await fold.click();
    await page.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))");
    assert.deepEqual(strangers, []);
    assert.deepEqual(dialogs, []);
    assert.equal(await page.evaluate("window.ran"), undefined);
    assert.equal(await page.locator(dangerous).count(), 0);
  } finally {
    await page.close();
    await server.close();
  }
}
