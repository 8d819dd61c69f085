/**
 * Builds every bundle into dist/: the extension, the engine process, its text worker, the CLI and
 * the two webviews. Only the extension's bundle knows vscode, only the engine's onnxruntime-node;
 * anything else that imports them fails here. A production build is minified, without source maps.
 */
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const node = { platform: "node", target: "node20", format: "cjs" };
const browser = {
  platform: "browser",
  target: "es2022",
  format: "esm",
  loader: { ".svg": "text" },
};

/** What few answers need is loaded late; the inspector stays one file, for a saved page holds it. */
const chunks = { splitting: true, chunkNames: "webview/[name]-[hash]" };

const bundles = [
  { entry: "src/extension/extension.ts", out: "extension", ...node, external: ["vscode"] },
  { entry: "src/engine/main.ts", out: "engine", ...node, external: ["onnxruntime-node"] },
  { entry: "src/engine/text/worker.ts", out: "textWorker", ...node },
  { entry: "src/cli/main.ts", out: "cli", ...node, banner: { js: "#!/usr/bin/env node" } },
  { entry: "webview/chat/main.ts", out: "webview/chat", ...browser, ...chunks },
  { entry: "webview/inspector/main.ts", out: "webview/inspector", ...browser },
];

/** Resolves to what esbuild says of each bundle: the metafiles. `without`: bundles not wanted. */
export async function buildAll({ production = false, outdir = "dist", without = [] } = {}) {
  const wanted = bundles.filter(({ out }) => !without.includes(out));
  const results = await Promise.all(
    wanted.map(({ entry, out, ...options }) =>
      build({
        entryPoints: { [out]: entry },
        outdir,
        bundle: true,
        minify: production,
        sourcemap: production ? false : "linked",
        logLevel: "warning",
        metafile: true,
        ...options,
      }),
    ),
  );
  return results.map(({ metafile }) => metafile);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildAll();
