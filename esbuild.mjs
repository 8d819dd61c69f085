/**
 * Builds every bundle into dist/: the extension, the engine process, its text worker, the CLI and
 * the two webviews. Only the extension's bundle knows vscode, only the engine's onnxruntime-node;
 * anything else that imports them fails here. A production build is minified, without source maps.
 */
import { pathToFileURL } from "node:url";
import { build, context } from "esbuild";

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
export async function buildAll(how) {
  const results = await Promise.all(optionsOf(how).map((options) => build(options)));
  return results.map(({ metafile }) => metafile);
}

/**
 * Builds every bundle, and again whatever a change concerns, until the process ends. The two lines
 * that it prints stand around the work on all bundles: .vscode/tasks.json waits for them.
 */
export async function watchAll(how) {
  let building = 0;
  const say = {
    name: "say",
    setup({ onStart, onEnd }) {
      onStart(() => {
        if (building++ === 0) console.log("Building");
      });
      onEnd(() => {
        if (--building === 0) console.log("Built");
      });
    },
  };
  const contexts = await Promise.all(
    optionsOf(how).map((options) => context({ ...options, plugins: [say] })),
  );
  await Promise.all(contexts.map((one) => one.watch()));
}

function optionsOf({ production = false, outdir = "dist", without = [] } = {}) {
  return bundles
    .filter(({ out }) => !without.includes(out))
    .map(({ entry, out, ...options }) => ({
      entryPoints: { [out]: entry },
      outdir,
      bundle: true,
      minify: production,
      sourcemap: production ? false : "linked",
      logLevel: "warning",
      metafile: true,
      ...options,
    }));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildAll();
