import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";
import house from "./lint/imports.mjs";

const print = "Print through src/cli/terminal.ts.";

export default tseslint.config(
  { ignores: ["dist/", "tools/", "media/", "test/fixtures/", "src/onnx/proto/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // tsconfig.json gives each part its names: those of pages to webview alone.
      "@typescript-eslint/triple-slash-reference": [
        "error",
        { lib: "never", path: "never", types: "never" },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // node:test's test() and describe() return promises that the runner itself awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] },
          ],
        },
      ],
    },
  },
  { plugins: { house }, rules: { "house/imports": "error" } },
  {
    // Streams obey what they are written: what strangers wrote must be cleaned on its way there.
    files: ["src/cli/**/*.ts"],
    ignores: ["src/cli/terminal.ts"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        ...["stdout", "stderr"].map((property) => ({
          object: "process",
          property,
          message: print,
        })),
      ],
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
);
