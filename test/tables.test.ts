/** A fact stands in one table; what is written elsewhere follows from it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import ts from "typescript";
import type packageJson from "../package.json";
import { exitCodes } from "../src/cli/exitCodes";
import { policies } from "../src/policies";
import { policyNames, policyWords } from "../src/shared/settings/policies";

test("npm run tables has nothing to write", async () => {
  const script = pathToFileURL(path.resolve("scripts/tables.mjs")).href;
  const { derivedFiles } = (await import(script)) as {
    derivedFiles: (root: string) => Promise<Record<string, string>>;
  };
  for (const [file, text] of Object.entries(await derivedFiles(".")))
    assert.equal(readFileSync(file, "utf8"), text, `${file} is not what the tables say`);
});

test("a policy has the name of its row, and a graph unless its row says that it evicts nothing", () => {
  for (const name of policyNames) {
    assert.equal(policies[name].name, name);
    assert.equal(
      policies[name].score === undefined,
      policyWords[name].evictsNothing === true,
      name,
    );
  }
});

test("docs/trust.md tells every exit code", () => {
  const told = /^Exit codes: (.*)$/m.exec(readFileSync("docs/trust.md", "utf8"))?.[1] ?? "";
  const codes = [...told.matchAll(/(?:^|, )(\d+) /g)].map(([, code]) => Number(code));
  assert.deepEqual(codes, Object.values(exitCodes));
});

describe("a policy is added: a file, and a row", () => {
  const copy = mkdtempSync(path.join(tmpdir(), "rkv-policy-"));
  const table = path.join(copy, "src/shared/settings/policies.ts");
  const row = `"coin-toss": { label: "Coin Toss", description: "heads or tails", keeps: "heads" },`;
  /** Read once for all compilations: what the copy does not hold. */
  const packages = new Map<string, ts.SourceFile | undefined>();

  before(() => {
    const manifests = ["package.json", "package.nls.json", "README.md"];
    for (const part of ["src", "webview", "scripts", ...manifests])
      cpSync(part, path.join(copy, part), { recursive: true });
    symlinkSync(path.resolve("node_modules"), path.join(copy, "node_modules"), "junction");
    const graph = text("src/policies/random.ts").replace("const random:", "const coinToss:");
    const file = path.join(copy, "src/policies/coinToss.ts");
    writeFileSync(file, graph.replace('"random"', '"coin-toss"'));
  });
  after(() => rmSync(copy, { recursive: true }));

  test("the file without the row is refused: its name is none", () => {
    assert.match(typeErrors("src/policies/coinToss.ts").join(), /'"coin-toss"' is not assignable/);
  });

  test("the row without its graph is refused", () => {
    const rows = text("src/shared/settings/policies.ts");
    writeFileSync(
      table,
      rows.replace("const table = {\n", (head) => `${head}  ${row}\n`),
    );
    assert.match(typeErrors("src/policies/index.ts").join(), /'"coin-toss"' is missing/);
  });

  test("npm run tables writes the rest, and all of it has its types", () => {
    execFileSync(process.execPath, ["scripts/tables.mjs"], { cwd: copy });
    assert.deepEqual(typeErrors("src/policies/index.ts", "src/policies/coinToss.ts"), []);
  });

  test("the settings offer it, with its words", () => {
    const manifest = JSON.parse(text("package.json")) as typeof packageJson;
    const setting = manifest.contributes.configuration.properties["rkv.cache.policy"];
    const place = setting.enum.indexOf("coin-toss");
    assert.equal(setting.enumDescriptions[place], "%setting.cache.policy.coin-toss%");
    const nls = JSON.parse(text("package.nls.json")) as Record<string, string>;
    assert.equal(nls["setting.cache.policy.coin-toss"], "Coin Toss: heads or tails.");
  });

  test("README has its row", () => {
    assert.match(text("README.md"), /^\| `coin-toss` +\| heads +\| – +\|$/m);
  });

  test("the palette, the chat's menu and chip, the inspector, settings and the engine know it", () => {
    const seen = run(`
      import { policyChoices } from "./src/client/cacheChoices";
      import { settingTable } from "./src/extension/settingTable";
      import { policies } from "./src/policies";
      import { policyLabel } from "./src/shared/settings/policies";
      import { cacheSettingsSchema, defaultCacheSettings } from "./src/shared/settings/settings";
      const cache = { ...defaultCacheSettings, policy: "coin-toss" };
      console.log(JSON.stringify([
        policyChoices(cache).find(({ current }) => current),
        policyLabel("coin-toss"),
        settingTable["cache.policy"].schema.parse("coin-toss"),
        cacheSettingsSchema.parse(cache).policy,
        policies["coin-toss"].name,
      ]));`);
    const [choice, ...others] = JSON.parse(seen) as [object, ...string[]];
    const words = { label: "Coin Toss", description: "heads or tails" };
    assert.deepEqual(choice, { value: "coin-toss", ...words, detail: "", current: true });
    assert.deepEqual(others, ["Coin Toss", "coin-toss", "coin-toss", "coin-toss"]);
  });

  test("the command line's help names it", () => {
    assert.match(run(`import "./src/cli/main";`, "run", "--help"), /--policy P .*coin-toss/);
  });

  function text(file: string): string {
    return readFileSync(path.join(copy, file), "utf8");
  }

  /** What a program in the copy prints. */
  function run(contents: string, ...args: string[]): string {
    const outfile = path.join(copy, "run.js");
    const stdin = { contents, resolveDir: copy, loader: "ts" as const };
    buildSync({ stdin, outfile, bundle: true, platform: "node", logLevel: "error" });
    return execFileSync(process.execPath, [outfile, ...args], { encoding: "utf8" });
  }

  function typeErrors(...files: string[]): string[] {
    const { config } = ts.readConfigFile("tsconfig.json", (name) => ts.sys.readFile(name)) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, copy);
    const roots = files.map((file) => path.join(copy, file));
    const host = ts.createCompilerHost(options);
    const read = host.getSourceFile.bind(host);
    host.getSourceFile = (name, language) => {
      if (path.resolve(name).startsWith(copy)) return read(name, language);
      if (!packages.has(name)) packages.set(name, read(name, language));
      return packages.get(name);
    };
    const program = ts.createProgram(roots, { ...options, types: [] }, host);
    return roots
      .flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
  }
});
