/** What package.json tells the editor is what the code registers, reads and refuses, key by key. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import * as z from "zod";
import manifest from "../package.json";
import nls from "../package.nls.json";
import { commandNames } from "../src/extension/commandTable";
import { type SettingName, settingTable } from "../src/extension/settingTable";
import { formatBudget, parseBudget } from "../src/shared/settings/budget";
import { defaultCacheSettings, defaultSamplingSettings } from "../src/shared/settings/settings";

const { contributes } = manifest;
const words: Record<string, string> = nls;
const commands = commandNames.map((name) => `rkv.${name}`);
const source = readdirSync("src/extension")
  .map((file) => readFileSync(path.join("src/extension", file), "utf8"))
  .join("\n");

describe("commands", () => {
  test("those contributed are those registered, each with its own title", () => {
    assert.deepEqual(
      contributes.commands.map(({ command, title, category }) => [command, title, category]),
      commandNames.map((name) => [`rkv.${name}`, `%command.${name}%`, "R-KV"]),
    );
  });

  test("menus, keys, walkthroughs and links name commands that there are", () => {
    const menus = Object.values(contributes.menus).flat();
    const steps = contributes.walkthroughs.flatMap((each) => each.steps);
    const links = Object.values(words).flatMap((text) => [
      ...text.matchAll(/\(command:([^)]+)\)/g),
    ]);
    const events = steps.flatMap((step) => step.completionEvents);
    const named = [
      ...menus.map(({ command }) => command),
      ...contributes.keybindings.map(({ command }) => command),
      ...links.map(([, command]) => command),
      ...events.flatMap((event) => event.match(/^onCommand:(.+)$/)?.[1] ?? []),
    ];
    assert.ok(named.length > 15);
    for (const command of named) assert.ok(commands.includes(command), command);
  });
});

describe("names that the code gives the editor", () => {
  const views = contributes.views.rkv.map(({ id }) => id);
  const editors = contributes.customEditors.map(({ viewType }) => viewType);
  /** The editor need not know of these before they are there. */
  const uncontributed = ["rkv.chatPanel", "rkv.inspector", "rkv.budget", "rkv.hubToken"];

  test("are contributed", () => {
    const named = new Set([...source.matchAll(/"(rkv\.[\w.]+)"/g)].map(([, name]) => name));
    const sections = Object.keys(settingTable).map((name) => `rkv.${name.split(".")[0]}`);
    const known = [
      ...[commands, views, editors, sections, uncontributed].flat(),
      ...views.map((view) => `${view}.focus`),
    ];
    assert.deepEqual(
      [...named].filter((name) => !known.includes(name)),
      [],
    );
    for (const id of [...views, ...editors]) assert.ok(named.has(id), id);
  });

  test("are those of when-clauses and completion events too", () => {
    const clauses = contributes.menus["view/title"].map(({ when }) => when);
    for (const when of clauses)
      assert.ok(
        views.some((view) => when === `view == ${view}`),
        when,
      );
    const events = contributes.walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(({ completionEvents }) => completionEvents),
    );
    for (const event of events.filter((each) => each.startsWith("onView:")))
      assert.ok(views.includes(event.slice("onView:".length)), event);
  });
});

describe("settings", () => {
  const properties: Record<string, object> = contributes.configuration.properties;
  const names = Object.keys(settingTable) as SettingName[];

  test("those declared are those read, in the same order", () => {
    assert.deepEqual(
      Object.keys(properties),
      names.map((name) => `rkv.${name}`),
    );
    assert.deepEqual(
      Object.values(properties).map((property) => "order" in property && property.order),
      names.map((_, i) => i),
    );
  });

  for (const name of names)
    test(`${name}: type, range, choices, default and scope`, () => {
      const { schema, otherwise, isOfMachine } = { isOfMachine: false, ...settingTable[name] };
      const facts = Object.entries(properties[`rkv.${name}`]).filter(([key]) => !isForPage(key));
      assert.deepEqual(Object.fromEntries(facts), {
        ...declaredBy(schema),
        default: otherwise,
        ...(isOfMachine && { scope: "machine" }),
        markdownDescription: `%setting.${name}%`,
      });
    });

  test("a workspace that is not trusted sets none of those that name what is run or fetched", () => {
    assert.deepEqual(
      manifest.capabilities.untrustedWorkspaces.restrictedConfigurations,
      names.filter((name) => "isOfMachine" in settingTable[name]).map((name) => `rkv.${name}`),
    );
  });

  test("a budget that the editor takes is one that the code reads, and the other way round", () => {
    const { pattern } = contributes.configuration.properties["rkv.cache.budget"];
    const isTaken = (text: string): boolean => new RegExp(pattern).test(text);
    for (const text of ["512", " 1024 ", "34%", "34 %", "0.5%", "full", "Full"]) {
      assert.ok(isTaken(text), text);
      assert.doesNotThrow(() => parseBudget(text), text);
    }
    for (const text of ["half", "-3", "34%%", "1e3", "0x10", "512 slots"]) {
      assert.ok(!isTaken(text), text);
      assert.throws(() => parseBudget(text), RangeError);
    }
    assert.ok(isTaken(""));
  });

  test("where the model's suggestion goes first, the words name the default", () => {
    const { seed, ...suggestible } = defaultSamplingSettings;
    for (const [name, value] of Object.entries(suggestible))
      assert.match(words[`setting.generation.${name}`], new RegExp(`, else \`${value}\`\\.$`));
    const { budget } = defaultCacheSettings;
    assert.match(
      words["setting.cache.budget"],
      new RegExp(`, else \`${formatBudget(budget)}\`\\.$`),
    );
    assert.equal(seed, 0);
  });
});

test("every word of the manifest is there, and none that it does not use", () => {
  const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
  assert.deepEqual([...new Set(used)].sort(), Object.keys(words).sort());
});

test("every picture of the manifest is there", () => {
  const pictures = [...JSON.stringify(manifest).matchAll(/"(media\/[^"]+)"/g)];
  assert.ok(pictures.length > 4);
  for (const [, file] of pictures) assert.ok(existsSync(file), file);
});

/** What only the editor's page of settings goes by; other tests look at it. */
function isForPage(key: string): boolean {
  return ["pattern", "patternErrorMessage", "enumDescriptions", "order"].includes(key);
}

/** As package.json puts it: what may be null has two types. */
function declaredBy(schema: z.ZodType): object {
  const { $schema, ...json } = z.toJSONSchema(schema);
  assert.ok($schema);
  const [value, none] = json.anyOf ?? [];
  return none ? { ...value, type: [value.type, none.type] } : json;
}
