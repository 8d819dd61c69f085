import js from "@eslint/js";
import globals from "globals";
import tseslint from "typescript-eslint";

const onnxRuntime = { name: "onnxruntime-node", message: "Use src/engine/runtime/runtime.ts." };
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
  {
    // Its telemetry is off only where runtimeEnvironment.ts comes first, which these see to.
    ignores: ["src/engine/runtime/runtime.ts", "test/support/lostDeviceEngine.ts"],
    rules: { "no-restricted-imports": ["error", onnxRuntime] },
  },
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
      "no-restricted-imports": [
        "error",
        onnxRuntime,
        ...["process", "node:process", "console", "node:console"].map((name) => ({
          name,
          message: print,
        })),
      ],
    },
  },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
);
