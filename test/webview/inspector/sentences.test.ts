/**
 * Numbers in sentences are the trace's. Knows no view: what a number means follows from the words
 * around it, whichever view says them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { quoted } from "../../../webview/inspector/model/numbers";
import { explained } from "../../../webview/inspector/state/explained";
import type { State } from "../../../webview/inspector/state/state";
import { views } from "../../../webview/inspector/views";
import { traces } from "../../support/inspector/sceneTraces";
import { toldSlowly, type Told } from "../../support/inspector/toldSlowly";

const size = { width: 640, height: 320 };

/** What the trace says of the numbers that a phrase names, as they are written. */
type Meaning = (
  said: string[],
  told: Told,
  state: Readonly<State>,
) => Promise<(string | number)[]> | (string | number)[];

type Holder = [layer: number, head: number];

function holders({ reader }: Told): Holder[] {
  const { layers, kvHeads } = reader.header;
  const heads = Array.from({ length: kvHeads }, (_, head) => head);
  return Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
    heads.map((head): Holder => [layer, head]),
  );
}

async function counted<T>(things: readonly T[], is: (thing: T) => Promise<boolean>) {
  return (await Promise.all(things.map(is))).filter(Boolean).length;
}

/** Positions of “the prompt” or “step 4”. */
function stepOf({ steps, tokens }: Told, name: string): number[] {
  const index = name === "the prompt" ? 0 : Number(name.replace("step ", ""));
  const [from, to] = [steps[index], steps[index + 1] ?? tokens.length];
  return Array.from({ length: to - from }, (_, at) => from + at);
}

/** Heads that lose a token with the compaction of that number, counted from 1. */
function losers(told: Told, position: number, compaction: number): Promise<number> {
  return counted(holders(told), async (holder) => {
    const before = await told.holds(...holder, position, compaction - 1);
    return before && !(await told.holds(...holder, position, compaction));
  });
}

async function total(positions: number[], of: (position: number) => Promise<number>) {
  const each = await Promise.all(positions.map(of));
  return each.reduce((sum, value) => sum + value, 0);
}

const heldBy = (told: Told, position: number, compactions: number): Promise<number> =>
  counted(holders(told), (holder) => told.holds(...holder, position, compactions));

const goneFrom = (told: Told, positions: number[], compactions: number): Promise<number> =>
  counted(positions, async (position) => (await heldBy(told, position, compactions)) === 0);

const word = (many: number): string => (many === 0 ? "none" : String(many));

/** The explained head's candidates, best first, and the selected one's part of that name. */
async function ranking(told: Told, state: Readonly<State>) {
  const asked = explained(state);
  assert.ok(asked);
  const { slots, scores, retained, positions, parts } = await told.layer(
    asked.compaction,
    asked.layer,
  );
  const cells = Array.from({ length: slots }, (_, slot) => asked.head * slots + slot);
  const ranked = cells
    .filter((cell) => !Number.isNaN(scores[cell]))
    .sort((a, b) => scores[b] - scores[a] || retained[b] - retained[a]);
  const kept = ranked.filter((cell) => retained[cell] === 1);
  const own = ranked.find((cell) => positions[cell] === state.selected) ?? -1;
  const part = (name: string) => parts.find((one) => one.name === name)?.values[own] ?? NaN;
  return { ranked, kept, own, scores, part };
}

/** Two significant figures, as small numbers are written. */
const two = (value: number): number => Number(value.toPrecision(2));

/** By which number the phrase is about the text, where it says so; else the selection's. */
const phrases: Record<string, [RegExp, Meaning]> = {
  "a quoted token and its position": [
    /“([^”…]+)” (?:at|\(position) (\d+)/g,
    ([, , position], told) => [quoted(told.tokens[Number(position)].text).slice(1, -1), position],
  ],
  "heads that evicted it": [
    /was evicted at compaction (\d+) from (\d+) of (\d+) heads/g,
    async ([, compaction], told, { selected = NaN }) => {
      const went = await losers(told, selected, Number(compaction));
      return [compaction, went, holders(told).length];
    },
  ],
  "heads that still hold it": [
    /; (\d+) still holds? it/g,
    async (_, told, { selected = NaN, compactions }) => [await heldBy(told, selected, compactions)],
  ],
  "heads that hold it": [
    /is held by (\d+) of (\d+) heads/g,
    async (_, told, { selected = NaN, compactions }) => [
      await heldBy(told, selected, compactions),
      holders(told).length,
    ],
  ],
  "since when none holds it": [
    /since compaction (\d+) none holds it/g,
    async ([, compaction], told, { selected = NaN }) => {
      assert.equal(await heldBy(told, selected, Number(compaction)), 0);
      assert.ok((await heldBy(told, selected, Number(compaction) - 1)) > 0);
      return [compaction];
    },
  ],
  "its place": [
    /it came (\d+)\w\w of (\d+).*?, of which (\d+) stayed/g,
    async (_, told, state) => {
      const { ranked, kept, own } = await ranking(told, state);
      return [ranked.indexOf(own) + 1, ranked.length, kept.length];
    },
  ],
  "its importance": [
    /\(importance ([\d.e-]+)\)/g,
    async (_, told, state) => [two((await ranking(told, state)).part("importance"))],
  ],
  "its redundancy": [
    /\(redundancy ([\d.e-]+)\)/g,
    async (_, told, state) => [two((await ranking(told, state)).part("redundancy"))],
  ],
  "by how much it missed": [
    /the last one kept scored ([\d.e-]+) more/g,
    async (_, told, state) => {
      const { scores, kept, own } = await ranking(told, state);
      return [two(scores[kept[kept.length - 1]] - scores[own])];
    },
  ],
  "what a head kept": [
    /kept (\d+) of (\d+) candidates/g,
    async (_, told, state) => {
      const { ranked, kept } = await ranking(told, state);
      return [kept.length, ranked.length];
    },
  ],
  "what survives of a step": [
    /Of (the prompt|step \d+)'s slots (\d+) % survive compaction (\d+), and (\w+) of its (\d+) tokens?/g,
    async ([, name, , compaction], told) => {
      const positions = stepOf(told, name);
      const held = await total(positions, (at) => heldBy(told, at, Number(compaction)));
      const share = Math.round((100 * held) / (positions.length * holders(told).length));
      const gone = await goneFrom(told, positions, Number(compaction));
      return [name, share, compaction, word(gone), positions.length];
    },
  ],
  "what the prompt keeps": [
    /the prompt keeps (\d+) %, and (\w+) of its (\d+) tokens/g,
    async (_, told, { compactions }) => {
      const positions = stepOf(told, "the prompt");
      const held = await total(positions, (at) => heldBy(told, at, compactions));
      const share = Math.round((100 * held) / (positions.length * holders(told).length));
      return [share, word(await goneFrom(told, positions, compactions)), positions.length];
    },
  ],
  "what a compaction took from a step": [
    /Compaction (\d+) evicted (\d+) of (the prompt|step \d+)'s (\d+) slots/g,
    async ([, compaction, , name], told) => {
      const positions = stepOf(told, name);
      const went = await total(positions, (at) => losers(told, at, Number(compaction)));
      return [compaction, went, name, positions.length * holders(told).length];
    },
  ],
  "what a compaction took": [
    /Compaction (\d+) evicted (\d+) slots, (\d+) of them from (the prompt|step \d+)\. So far (\d+)/g,
    async ([, compaction, , , name], told) => {
      const all = told.tokens.map((_, position) => position);
      const lost = (at: number) => losers(told, at, Number(compaction));
      const gone = async (at: number) =>
        holders(told).length - (await heldBy(told, at, Number(compaction)));
      return [
        compaction,
        await total(all, lost),
        await total(stepOf(told, name), lost),
        name,
        await total(all, gone),
      ];
    },
  ],
};

test("the numbers of every sentence, wherever the words around them say what they are", async () => {
  const { trace, state, data } = await traces.small();
  const told = await toldSlowly(trace);
  const seen = new Map<string, number>();
  for (const [turn, selected] of [undefined, 2, 7, 12, 20, 28, 30, 46, 52, 55, 60].entries())
    for (const [layer, head] of [
      [1, 2],
      [0, 0],
    ]) {
      const compactions = 4 - (turn % 2);
      const { position: tokens } = told.compactions[compactions - 1];
      const of = { ...state, selected, layer, head, tokens, compactions };
      for (const { view } of Object.values(views)) {
        const { sentence, list } = await data.sceneOf(view, of, size);
        const said = [sentence, ...(list?.lines ?? []).map(({ words }) => words)];
        for (const words of said) await check(words, told, of, seen);
      }
    }
  for (const name of Object.keys(phrases)) assert.ok(seen.has(name), `nobody said ${name}`);
});

async function check(
  sentence: string,
  told: Told,
  state: Readonly<State>,
  seen: Map<string, number>,
): Promise<void> {
  for (const [name, [pattern, meaning]] of Object.entries(phrases))
    for (const said of sentence.replaceAll(/(?<=\d),(?=\d{3})/g, "").matchAll(pattern)) {
      const wanted = await meaning(said, told, state);
      const numbers = said.slice(1).map((one) => (/^[\d.e-]+$/.test(one) ? Number(one) : one));
      const same = wanted.map((one) => (/^[\d.e-]+$/.test(String(one)) ? Number(one) : one));
      assert.deepEqual(numbers, same, `${name}: ${sentence}`);
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
}
