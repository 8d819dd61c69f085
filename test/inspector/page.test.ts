/** The page itself: its numbers are the trace's, the keyboard reaches them, and it asks nobody. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { synthesize } from "../../src/cli/trace/synthesize";
import { bytesInMemory } from "../../src/shared/trace/byteSource";
import { TraceReader } from "../../src/shared/trace/reader";
import { decision } from "../../webview/inspector/model/decision";
import { heldShare, momentAt } from "../../webview/inspector/model/moment";
import { Run } from "../../webview/inspector/model/run";
import { Random } from "../../src/shared/random";
import { cannotStartBrowser, startBrowser } from "../support/browser";
import { openTrace, type Seen } from "./support/inspectorPage";

const skip = cannotStartBrowser();
const shape = {
  tokens: 600,
  layers: 4,
  kvHeads: 2,
  headDim: 16,
  compactions: 12,
  budget: 80,
  seed: 3,
};

async function synthetic(tokens: number, compactions: number): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-inspector-"));
  const file = path.join(folder, "story.rkvtrace");
  await synthesize(file, { ...shape, tokens, compactions });
  return readFile(file);
}

/** Rows of a view's table as they are on the page, header first. */
async function tableOf(page: Page, view: string): Promise<string[][]> {
  const panel = page.locator(`[data-view=${view}]`);
  await panel.getByRole("button", { name: "Table" }).click();
  const rows = await page.evaluate<string[][]>(
    `[...document.querySelectorAll("[data-view=${view}] tr")]
      .map((line) => [...line.children].map((cell) => cell.textContent))`,
  );
  await panel.getByRole("button", { name: "Table" }).click();
  return rows;
}

describe("the inspector's page", { skip }, () => {
  let browser: Browser;
  let trace: Uint8Array;
  let seen: Seen;
  const run = {
    current: undefined as Run | undefined,
    reader: undefined as TraceReader | undefined,
  };

  before(async () => {
    browser = await startBrowser();
    trace = await synthetic(shape.tokens, shape.compactions);
    run.reader = await TraceReader.open(bytesInMemory(trace));
    const read = new Run(run.reader.header);
    await run.reader.refresh((item) => read.add(item));
    run.current = read;
    seen = await openTrace(browser, trace);
  });
  after(() => browser.close());

  test("100 random tokens have the share that the trace gives them, at a random moment", async () => {
    const { page } = seen;
    await page.locator("[data-view=map] .figure").focus();
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    const rows = await tableOf(page, "text");
    const model = run.current!;
    const moment = momentAt(model, model.compactions.at(-2)!.position);
    const random = new Random(1);
    for (let draw = 0; draw < 100; draw++) {
      const row = rows[1 + Math.floor(random.next() * (rows.length - 1))];
      const position = Number(row[0]);
      assert.equal(row[1], model.texts[position]);
      assert.equal(Number(row[3]), heldShare(model, position, moment));
    }
    await page.keyboard.press("End");
  });

  test("the scores of a compaction are the trace's, and so are rank and verdict", async () => {
    const { page } = seen;
    await page.getByLabel("Layer", { exact: true }).selectOption("2");
    await page.getByLabel("KV head", { exact: true }).selectOption("1");
    await page.locator("[data-view=why]").getByText("layer 2, head 1").waitFor();
    const [, ...rows] = await tableOf(page, "why");
    const last = run.current!.compactions.at(-1)!;
    const record = await run.reader!.layer(0, last.compaction, 2);
    const { candidates } = decision(record!, 1);
    assert.equal(rows.length, candidates.length);
    candidates.forEach(({ position, score, importance, redundancy, retained }, rank) => {
      const [shownRank, at, , ...numbers] = rows[rank];
      assert.deepEqual([shownRank, at].map(Number), [rank + 1, position]);
      assert.deepEqual(numbers.slice(0, 3).map(Number), [score, importance, redundancy]);
      assert.equal(numbers.at(-1), retained ? "retained" : "evicted");
    });
  });

  test("arrow keys select tokens and layers, and each is said in words", async () => {
    const { page } = seen;
    await page.getByLabel("Layer", { exact: true }).selectOption("0");
    await page.locator("[data-view=map] .figure").focus();
    await page.keyboard.press("Escape");
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    await page
      .locator(".foot .words", { hasText: /at 1: held by \d of 2 heads of layer 1/ })
      .waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("axe finds no serious violation", async () => {
    const { page } = seen;
    await page.evaluate(
      readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8"),
    );
    const violations = await page.evaluate<
      { id: string; impact: string; nodes: { html: string }[] }[]
    >("axe.run().then((result) => result.violations)");
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    assert.deepEqual(
      serious.map(({ id, nodes }) => [id, nodes[0].html]),
      [],
    );
  });

  test("the page asks for nothing but itself, and complains about nothing", () => {
    assert.deepEqual(
      seen.requests.filter((address) => !/^(file|data|blob):/.test(address)),
      [],
    );
    assert.deepEqual(seen.complaints, []);
  });

  const themes = ["dark", "light", "hc-black", "hc-light"];
  const widths = [320, 800, 1600];
  for (const [tokens, compactions, inThemes, atWidths] of [
    [0, 0, themes, widths],
    [1, 0, themes, widths],
    [600, 12, themes, widths],
    [10_000, 80, ["dark"], [1600]],
  ] as const)
    test(`${tokens} tokens are drawn in ${inThemes.join(", ")} at ${atWidths.join(", ")} px, and nothing spills over`, async () => {
      mkdirSync("dist/screenshots", { recursive: true });
      const bytes = await sizedTrace(tokens, compactions);
      for (const theme of inThemes)
        for (const width of atWidths) {
          const { page, complaints } = await openTrace(browser, bytes, { width, theme });
          const name = `inspector-${tokens}-${theme}-${width}.png`;
          await page.screenshot({ path: path.join("dist/screenshots", name) });
          const spill = await page.evaluate<number>(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
          assert.equal(spill, 0, name);
          assert.deepEqual(complaints, [], name);
          await page.close();
        }
    });

  test("a file that is no trace says so", async () => {
    const { page } = await openTrace(browser, new TextEncoder().encode("not a trace at all"));
    await page.getByText("not an R-KV Lens trace").waitFor();
    await page.close();
  });
});

/** The synthesizer makes no trace without compactions; a short one is the beginning of a long one. */
async function sizedTrace(tokens: number, compactions: number): Promise<Uint8Array> {
  if (compactions > 0) return synthetic(tokens, compactions);
  const { encodeHeader, encodeRecords } = await import("../../src/shared/trace/encode");
  const { headerOf, tokensRecord } = await import("./support/sampleRun");
  const header = encodeHeader(headerOf(shape));
  const record = tokensRecord(tokens);
  if (tokens === 0 || record.type !== "tokens") return header;
  return Buffer.concat([header, encodeRecords([record])]);
}
