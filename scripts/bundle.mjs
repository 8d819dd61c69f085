/**
 * Bundles what runs in Node and is no part of the program: tests, attacks, benches. esbuild is
 * loaded late, so that a fresh clone can install it first.
 */
export async function bundleForNode(options) {
  const { build } = await import("esbuild");
  await build({
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    sourcemap: "inline",
    logLevel: "warning",
    loader: { ".css": "empty" },
    external: [
      ...["vscode", "onnxruntime-node", "esbuild", "eslint", "typescript"],
      ...["playwright-core", "@sparticuz/chromium", "@vscode/vsce"],
    ],
    ...options,
  });
}
