/** What axe finds that would keep somebody from using a page. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Frame, Page } from "playwright-core";

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** A line for each serious or critical violation, with the elements that it is about. */
export async function seriousFaults(page: Page | Frame): Promise<string[]> {
  await page.evaluate(readFileSync(path.resolve("node_modules/axe-core/axe.min.js"), "utf8"));
  const violations = await page.evaluate<Violation[]>(
    "axe.run().then(({ violations }) => violations)",
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join("\n")}`);
}
