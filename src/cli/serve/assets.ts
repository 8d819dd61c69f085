/** The server's own files: the two pages, and what lies in dist/webview. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { contentPolicy, type WebviewPage, webviewPage } from "../../shared/webviewPage";

export interface Asset {
  type: string;
  body: string | Buffer;
}

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".map": "application/json",
};

/** Undefined where there is no such file. Names with a folder in them are none of ours. */
export async function readAsset(folder: string, name: string): Promise<Asset | undefined> {
  const type = types[path.extname(name)];
  if (!type || !/^[\w-]+(\.[\w-]+)+$/.test(name)) return undefined;
  const body = await readFile(path.join(folder, name)).catch(() => undefined);
  return body && { type, body };
}

export function page(view: "chat" | "inspector", query: string): Asset {
  return { type: "text/html; charset=utf-8", body: webviewPage(describe(view, query)) };
}

/** For the header, which can forbid framing where a page's own policy cannot. */
export const policyHeader = `${contentPolicy(describe("chat", ""))}; frame-ancestors 'none'`;

function describe(view: "chat" | "inspector", query: string): WebviewPage {
  return {
    title: view === "chat" ? "R-KV Lens" : "R-KV Lens inspector",
    language: "en",
    script: `/assets/${view}.js`,
    style: `/assets/${view}.css`,
    source: "'self'",
    connect: "'self'",
    data: { rpc: `/rpc/${view}${query}` },
  };
}
