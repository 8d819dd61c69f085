/** Damaged and hostile traces: read as far as they go, and never an error that nobody catches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/shared/random";
import { cannotStartBrowser, startBrowser } from "../../support/browser";
import { FramedInspector } from "../../support/inspector/framedInspector";
import { mutants, survives } from "../../support/inspector/mutants";

const count = 1_500;

const drawn = 12;

test(`${count} mutated traces end in what could be read, or in a sentence`, async (t) => {
  const next = await mutants(new Random(7));
  let refused = 0;
  for (let made = 0; made < count; made++) if (!(await survives(next()))) refused++;
  t.diagnostic(`${refused} were refused at once; npm run bench -- mutants traces makes 20,000`);
  assert.ok(refused < count / 2);
});

test(
  `${drawn} mutated traces in the page: drawn, or refused`,
  { skip: cannotStartBrowser() },
  async (t) => {
    const browser = await startBrowser();
    try {
      const next = await mutants(new Random(11));
      const inspector = new FramedInspector(browser);
      const seconds: number[] = [];
      for (let made = 0; made < drawn; made++) seconds.push(await inspector.open(next()));
      t.diagnostic(
        `at most ${Math.max(...seconds).toFixed(2)} s of work, ${await inspector.megabytes()} MB`,
      );
    } finally {
      await browser.close();
    }
  },
);
