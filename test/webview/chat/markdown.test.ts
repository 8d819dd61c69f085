/**
 * Markdown as a model may write it, in a real browser: however it is cut into pieces the page ends
 * up the same, and nothing in it can fetch, run or hide.
 */
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { heavy, hostile } from "../../support/hostileMarkdown";

const pieces = [
  "# Title\n",
  "Some *words* and **more",
  "** with `code`.\n",
  "\n",
  "- one\n- two\n",
  "  - nested\n\n",
  "1. first\n2. second\n",
  "```ts\nconst a = 1;\n",
  "```\n",
  "> said\n> so\n",
  "***",
  "---\n",
  "a|b\n-|-\n1|2\n",
  "$$\nx^2\n",
  "$$\n",
  "\\[ y \\]\n",
  "costs $5 and $x_1$ here\n",
  "    indented\n",
  "[a]: https://example.org\n",
  "[a] and [b](https://example.org)\n",
];

describe("the model's Markdown", { skip: cannotStartBrowser() }, () => {
  let browser: Browser;
  let page: Page;
  let canary: http.Server;
  let address = "";
  let visits: string[] = [];

  before(async () => {
    canary = http.createServer((request, response) => {
      if (request.url !== "/") visits.push(request.url ?? "");
      response.setHeader("Content-Type", "text/html");
      response.end("<!doctype html><title>empty</title>");
    });
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(address); // Without our policy, so that only the renderer stands in the way.
    const { outputFiles } = await build({
      entryPoints: ["webview/chat/markdown/streamingMarkdown.ts"],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "markdown",
      loader: { ".svg": "text" },
      logLevel: "error",
    });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    await page.evaluate(`
      window.opened = [];
      window.show = (prefixes) => {
        const shown = new markdown.StreamingMarkdown({ copy() {}, openLink: (a) => opened.push(a) });
        document.body.replaceChildren(shown.node);
        for (const prefix of prefixes) shown.update(prefix);
        return shown.node.innerHTML.replace('<div class="rest">', "").replace(/<\\/div>$/, "");
      }`);
    visits = [];
  });

  after(async () => {
    await browser.close();
    canary.close();
  });

  const show = (...prefixes: string[]): Promise<string> =>
    page.evaluate(`show(${JSON.stringify(prefixes)})`);

  test("looks the same however it was cut", async () => {
    await show("```ts\nlet a;\n```\n$x$"); // Loads the highlighter and the formulas.
    await page.waitForSelector("math");
    const texts = fc
      .array(fc.constantFrom(...pieces), { maxLength: 14 })
      .map((all) => all.join(""));
    const cuts = fc.array(fc.nat(300), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (text, places) => {
        const prefixes = [...places].sort((a, b) => a - b).map((place) => text.slice(0, place));
        assert.equal(await show(...prefixes, text), await show(text));
      }),
      { numRuns: 150 },
    );
  });

  test("draws finished blocks once", async () => {
    await show("First.\n\nSecond.\n\nThird");
    const kept = await page.evaluate(`(() => {
      const shown = new markdown.StreamingMarkdown({ copy() {}, openLink() {} });
      shown.update("First.\\n\\nSecond.\\n\\n");
      const first = shown.node.firstElementChild;
      for (let i = 0; i < 50; i++) shown.update("First.\\n\\nSecond.\\n\\nThird" + " word".repeat(i));
      return shown.node.firstElementChild === first && first.textContent;
    })()`);
    assert.equal(kept, "First.");
  });

  test("keeps what is selected while it grows", async () => {
    const selected = await page.evaluate(`(() => {
      const shown = new markdown.StreamingMarkdown({ copy() {}, openLink() {} });
      document.body.replaceChildren(shown.node);
      shown.update("- one \`two\` and");
      getSelection().selectAllChildren(shown.node.querySelector("code"));
      shown.update("- one \`two\` and **three**\\n- four");
      return String(getSelection());
    })()`);
    assert.equal(selected, "two");
  });

  test("aligns the cells of a table as it asks", async () => {
    await show("| a | b |\n|---|---:|\n| 1 | 2 |");
    assert.equal(await page.textContent("td.right"), "2");
  });

  test("reaches nothing and runs nothing, whatever it says", async () => {
    for (const text of hostile(address)) {
      await show(text);
      const dangerous = await page.evaluate<number>(
        `document.querySelectorAll("body :is(img, a, script, iframe, form, object, embed, link, style, image, [src], [href], [style*=url])").length`,
      );
      assert.equal(dangerous, 0, text);
    }
    // What the page had asked for before would have come first.
    await page.evaluate(`fetch("${address}/last")`);
    assert.deepEqual(visits, ["/last"]);
    assert.equal(await page.evaluate("window.ran"), undefined);
  });

  for (const [name, text] of Object.entries(heavy))
    test(`draws ${name}, and goes on`, { timeout: 60_000 }, async () => {
      await show(text.slice(0, text.length / 2), text);
      const largest = await page.evaluate<number>(
        `Math.max(0, ...[...document.querySelectorAll("math")]
          .map((math) => math.getBoundingClientRect()).flatMap(({ width, height }) => [width, height]))`,
      );
      assert.ok(largest < 5_000, `a formula of ${largest} px`);
      assert.equal(await show("Fine."), "<p>Fine.</p>\n");
    });

  test("offers only https links, and asks before one opens", async () => {
    await show("[a](https://example.org/x) [b](http://example.org) [c](command:x) <https://e.org>");
    const links = page.locator("button.link");
    assert.equal(await links.count(), 2);
    await links.first().click();
    assert.deepEqual(await page.evaluate("opened"), ["https://example.org/x"]);
  });

  test("shows what would turn text around or hide it", async () => {
    await show("a\u202eb `c\u2066d` \u001b[31m \u{e0041} e\u200be f\u200df \u{e0101} \u200f");
    const text = await page.textContent(".markdown");
    for (const code of "202E 2066 001B E0041 200B 200D E0101 200F".split(" "))
      assert.ok(text?.includes(`⟨U+${code}⟩`), code);
    const joined = "👩\u200d💻 می\u200cخواهم";
    await show(joined);
    assert.equal(await page.textContent(".markdown"), `${joined}\n`);
  });

  test("sets formulas as MathML and leaves prices and broken TeX alone", async () => {
    await show("It costs $5 or $6. $x^2$ and $\\frac{1$ here.\n\n$$\n\\sum_i i\n$$");
    assert.equal(await page.locator("math").count(), 2);
    const text = (await page.textContent(".markdown")) ?? "";
    assert.ok(text.includes("It costs $5 or $6."), text);
    assert.ok(text.includes("\\frac{1"), text);
  });
});
