/** The import table (lint/importTable.json) holds, and every line of it is one that is enforced. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ESLint } from "eslint";
import ts from "typescript";
import table from "../lint/importTable.json";
import { circles, type Import, importsIn, typescriptIn } from "./support/importGraph";

const layers: { folder: string; mayImport: string[]; order?: string[] }[] = table.layers;
const isIn = (place: string, folder: string): boolean => `${folder}/`.startsWith(`${place}/`);
const packages: { names: string[]; only: string[]; within?: string }[] = table.packages;

describe("the house as it stands", () => {
  const imports = importsIn("src", "webview");

  test("no import crosses the table", async () => {
    const rule = pathToFileURL(path.resolve("lint/imports.mjs")).href;
    const { forbidden } = (await import(rule)) as {
      forbidden: (file: string, specifier: string) => string | undefined;
    };
    const found = imports.flatMap(({ from, line, specifier }) => {
      const words = forbidden(from, specifier);
      return words === undefined ? [] : `${from}:${line}: ${words}`;
    });
    assert.deepEqual(found, []);
    assert.ok(imports.length > 1000);
  });

  test("no folders import one another in a circle", () => {
    assert.deepEqual(circles(imports), []);
  });

  test("every folder of src is in the table, and every folder of an ordered layer in its order", () => {
    const folders = foldersIn("src").map((name) => `src/${name}`);
    const known = layers.map(({ folder }) => folder).filter((folder) => !isIn("webview", folder));
    assert.deepEqual(folders.sort(), known.sort());
    for (const { folder, order } of layers)
      if (order) assert.deepEqual(foldersIn(folder).sort(), order.toSorted(), folder);
  });

  test("README has the same table", () => {
    const rows = readFileSync("README.md", "utf8").matchAll(/^\| `(\S+)` +\|.*\| ([^|]+?) +\|$/gm);
    const told = new Map([...rows].map(([, folder, mayImport]) => [folder, mayImport]));
    for (const { folder, mayImport } of layers) {
      const names = mayImport.map((layer) => path.posix.basename(layer));
      assert.equal(told.get(folder), names.join(", ") || "nothing", folder);
    }
  });
});

describe("planted", () => {
  /** The repository's own lint, without the rules that need types: these would take the most time. */
  const eslint = new ESLint({
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
    ruleFilter: ({ ruleId }) => ruleId === "house/imports",
  });

  /** The lines that lint refuses, and its words for each. */
  async function refused(filePath: string, lines: string[]): Promise<[number, string][]> {
    const [{ messages }] = await eslint.lintText(lines.join("\n"), { filePath });
    return messages.map(({ line, message }) => [line, message]);
  }

  const forms = [
    (from: string) => `import { planted } from "${from}";`,
    (from: string) => `import type { Planted } from "${from}";`,
    (from: string) => `import { type Planted } from "${from}";`,
    (from: string) => `import "${from}";`,
    (from: string) => `export * from "${from}";`,
    (from: string) => `export type { Planted } from "${from}";`,
    (from: string) => `void import("${from}");`,
    (from: string) => `void import(\`${from}/\${name}\`);`,
    (from: string) => `export type Planted = typeof import("${from}");`,
    (from: string) => `import planted = require("${from}");`,
    (from: string) => `require("${from}");`,
    (from: string) => `declare module "${from}" {}`,
  ];

  for (const { folder, mayImport } of layers)
    test(`in ${folder}: every layer that it may not import, and the tests`, async () => {
      const file = `${folder}/some/planted.ts`;
      const others = [...layers.map((other) => other.folder), "test"].filter(
        (other) => other !== folder,
      );
      const lines = others.map((other, i) =>
        forms[i % forms.length](path.posix.relative(path.posix.dirname(file), `${other}/nowhere`)),
      );
      const expected = others.filter((other) => !mayImport.includes(other));
      const found = await refused(file, lines);
      assert.deepEqual(
        found.map(([line]) => others[line - 1]),
        expected,
      );
      for (const [line, words] of found)
        assert.match(
          words,
          new RegExp(`^${folder} may not import ${others[line - 1]}, .+: .+\\.$`),
        );
    });

  test("with too few or too many steps up: the layer that it names", async () => {
    for (const up of [2, 4]) {
      const from = `./${"../".repeat(up)}src/client/x`;
      const found = await refused("webview/some/room/planted.ts", [`import "${from}";`]);
      assert.match(found[0]?.[1] ?? "", /^webview may not import src\/client, /);
    }
  });

  for (const { folder, order = [] } of layers.filter((layer) => layer.order))
    test(`in ${folder}: every folder that stands above another`, async () => {
      for (const [place, from] of order.entries()) {
        const lines = order.map((to) => `import "../${to}/planted";`);
        const found = await refused(`${folder}/${from}/planted.ts`, [...lines, `import "../top";`]);
        const above = [...order.slice(place + 1), "top"].map((_, i) => place + 2 + i);
        assert.deepEqual(
          found.map(([line]) => line),
          above,
        );
      }
    });

  for (const { names, only, within } of packages)
    test(`${names.join(", ")}: outside of ${only.join(", ")}`, async () => {
      const lines = names.flatMap((name) => forms.map((form) => form(name)));
      for (const folder of [...layers.map((layer) => layer.folder), "bench", "scripts"]) {
        const isFree =
          within !== undefined ? folder !== within : only.some((place) => isIn(place, folder));
        const found = await refused(`${folder}/planted.ts`, lines);
        assert.equal(found.length, isFree ? 0 : lines.length, folder);
        for (const [, words] of found) assert.match(words, /^Only .+ may import .+: .+\.$/);
      }
      for (const place of only) {
        const file = place.endsWith(".ts") ? place : `${place}/planted.ts`;
        assert.deepEqual(await refused(file, lines), []);
      }
    });

  test("circles of folders and of files", () => {
    const imports = (...pairs: [string, string][]): Import[] =>
      pairs.map(([from, to]) => ({ from, to, line: 1, specifier: to }));
    const folders = imports(
      ["a/x/1.ts", "a/y/2.ts"],
      ["a/y/3.ts", "a/z.ts"],
      ["a/z.ts", "a/x/4.ts"],
    );
    assert.equal(circles(folders).length, 3);
    assert.equal(circles(imports(["a/x.ts", "a/y.ts"], ["a/y.ts", "a/x.ts"])).length, 2);
    assert.deepEqual(circles(imports(["a/top.ts", "a/x/1.ts"], ["a/x/1.ts", "a/base.ts"])), []);
    assert.deepEqual(circles(imports(["a/x.ts", "a/x/1.ts"], ["a/x/1.ts", "a/x/2.ts"])), []);
  });
});

describe("the page's own names", () => {
  const root = configured("tsconfig.json");
  const page = configured("webview/tsconfig.json");

  test("are no names where every file of src, test and bench is checked", () => {
    assert.deepEqual(problems("export const title = document.title;", root.options), [
      "Cannot find name 'document'.",
    ]);
    assert.deepEqual(unchecked(root.files, "src", "test", "bench"), []);
    assert.deepEqual(unchecked(root.files, "webview"), typescriptIn("webview"));
  });

  test("are known where webview is checked, with what it shares, and there none of Node's", () => {
    assert.ok(page.options.lib?.includes("lib.dom.d.ts"));
    assert.deepEqual(page.options.types, []);
    assert.deepEqual(unchecked(page.files, "webview", "src/shared"), []);
  });

  function configured(file: string): { options: ts.CompilerOptions; files: Set<string> } {
    const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as {
      config: unknown;
    };
    const folder = path.resolve(path.dirname(file));
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
    const files = fileNames.map((name) => path.relative(".", name).replaceAll("\\", "/"));
    return { options, files: new Set(files) };
  }

  /** What the compiler says of a text, without the types of packages, which take long to read. */
  function problems(text: string, options: ts.CompilerOptions): string[] {
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (name, language) =>
      name === "planted.ts" ? ts.createSourceFile(name, text, language) : read(name, language);
    const program = ts.createProgram(["planted.ts"], { ...options, types: [] }, host);
    return program
      .getSemanticDiagnostics(program.getSourceFile("planted.ts"))
      .map(
        ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ").split(" Do you")[0],
      );
  }

  function unchecked(checked: Set<string>, ...folders: string[]): string[] {
    return folders.flatMap(typescriptIn).filter((file) => !checked.has(file));
  }
});

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
