/**
 * npm run tables: writes what follows from the tables of policies and devices (src/shared/settings)
 * where nothing can import them: the manifest and its words, README, and src/policies/index.ts,
 * which names the file of each policy's graph.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { format } from "prettier";

/** The whole text of each of these files as it should be, by its path from the root. */
export async function derivedFiles(root) {
  const tables = await tablesIn(root);
  const json = async (file) => JSON.parse(await readFile(path.join(root, file), "utf8"));
  const manifest = await json("package.json");
  const texts = {
    "package.json": JSON.stringify(withChoices(manifest, tables)),
    "package.nls.json": JSON.stringify(withWords(await json("package.nls.json"), tables)),
    "README.md": withPolicies(await readFile(path.join(root, "README.md"), "utf8"), tables),
    "src/policies/index.ts": indexOf(tables),
  };
  const formatted = Object.entries(texts).map(async ([file, text]) => [
    file,
    await format(text, { ...manifest.prettier, filepath: file }),
  ]);
  return Object.fromEntries(await Promise.all(formatted));
}

async function tablesIn(root) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { policyWords } from "./policies"; export { deviceWords } from "./devices";`,
      resolveDir: path.join(root, "src/shared/settings"),
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    write: false,
  });
  const module = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${module}`);
}

/** The settings that are one of a table, each with the words for every choice. */
function choicesOf({ policyWords, deviceWords }) {
  return { "cache.policy": wordsOf(policyWords), "model.device": wordsOf(deviceWords) };
}

function wordsOf(table) {
  const words = ({ label, description, paper }) =>
    `${label}: ${description}${paper ? ` (arXiv ${paper})` : ""}.`;
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, words(row)]));
}

function withChoices(manifest, tables) {
  for (const [setting, words] of Object.entries(choicesOf(tables))) {
    const property = manifest.contributes.configuration.properties[`rkv.${setting}`];
    property.enum = Object.keys(words);
    property.enumDescriptions = property.enum.map((name) => `%setting.${setting}.${name}%`);
  }
  return manifest;
}

/** Each setting's choices follow its own words. */
function withWords(nls, tables) {
  const choices = choicesOf(tables);
  const isChoice = (key) => Object.keys(choices).some((name) => key.startsWith(`setting.${name}.`));
  const entries = Object.entries(nls).filter(([key]) => !isChoice(key));
  return Object.fromEntries(
    entries.flatMap(([key, text]) => {
      const words = Object.entries(choices[key.replace("setting.", "")] ?? {});
      return [[key, text], ...words.map(([name, choice]) => [`${key}.${name}`, choice])];
    }),
  );
}

function withPolicies(readme, { policyWords }) {
  const rows = Object.entries(policyWords).map(([name, { keeps, paper }]) => {
    const from = paper ? `[${paper}](https://arxiv.org/abs/${paper})` : "–";
    return `| \`${name}\` | ${keeps} | ${from} |`;
  });
  const table = ["| policy | keeps | from |", "| --- | --- | --- |", ...rows, ""].join("\n");
  const place = /^\| policy +\| keeps.*\n(\|.*\n)+/m;
  if (!place.test(readme)) throw new Error("README.md has no table “| policy | keeps | from |”.");
  return readme.replace(place, () => table);
}

function indexOf({ policyWords }) {
  const names = Object.keys(policyWords);
  const identifier = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  return [
    "/** The graph of each policy in the table of src/shared/settings/policies.ts, by `npm run tables`. */",
    'import type { PolicyName } from "../shared/settings/policies";',
    'import type { Policy } from "./policy";',
    ...names
      .toSorted()
      .map((name) => `import { ${identifier(name)} } from "./${identifier(name)}";`),
    "",
    "export const policies: Record<PolicyName, Policy> = {",
    ...names.map((name) =>
      name === identifier(name) ? `${name},` : `"${name}": ${identifier(name)},`,
    ),
    "};",
  ].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const [file, text] of Object.entries(await derivedFiles("."))) await writeFile(file, text);
