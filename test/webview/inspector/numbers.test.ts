/**
 * Numbers in scenes are the trace's. Knows no view: what a cell means follows from its scale and
 * from what a point on it stands for, and what a column of a table means from its name.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { group } from "d3";
import { Random } from "../../../src/shared/random";
import type { Cells, Plot, Span, Target } from "../../../webview/inspector/scene/scene";
import { explained } from "../../../webview/inspector/state/explained";
import type { PairOfSteps, State } from "../../../webview/inspector/state/state";
import { views } from "../../../webview/inspector/views";
import { pairs, traces } from "../../support/inspector/sceneTraces";
import { toldSlowly, type Told } from "../../support/inspector/toldSlowly";

/** Wide enough for a column of its own for every token of the small trace. */
const size = { width: 640, height: 320 };
const draws = 500;
const changes: Partial<State>[] = [
  {},
  { byHead: true },
  { sweep: 0.4 },
  { alikeBy: "layer", selected: undefined },
  { alikeBy: "layers" },
  { oneHead: true },
];

/** What one number is about. */
interface About extends Target {
  told: Told;
  state: Readonly<State>;
  scale: Cells["scale"]["scale"];
}

test(`${draws} random cells of all scenes`, async () => {
  const { trace, state, data } = await traces.small();
  const told = await toldSlowly(trace);
  const random = new Random(5);
  const plots: (Plot & { state: State })[] = [];
  for (const change of changes)
    for (const { view } of Object.values(views)) {
      const changed = { ...state, ...change };
      const scene = await data.sceneOf(view, changed, size);
      plots.push(...scene.plots.map((plot) => ({ ...plot, state: changed })));
    }
  const seen = new Map<string, number>();
  const painted = plots.flatMap((plot) =>
    plot.at ? (plot.cells ?? []).map((cells) => ({ plot, cells })) : [],
  );
  const byScale = [...group(painted, ({ cells }) => cells.scale.scale).values()];
  for (let draw = 0; draw < draws; draw++) {
    const { plot, cells } = random.pick(random.pick(byScale));
    const { value, target } = drawn(plot, cells, random);
    const { scale } = cells.scale;
    const wanted = await expected({ ...target, told, state: plot.state, scale });
    const isSwept = scale !== "evicted" || !Number.isNaN(value);
    if (wanted === undefined || !isSwept) continue;
    assert.ok(
      Math.abs(value - wanted) < 1e-5 || Object.is(value, wanted),
      `${scale} ${value} is ${wanted} of ${JSON.stringify(target)}`,
    );
    seen.set(scale, (seen.get(scale) ?? 0) + 1);
  }
  for (const scale of ["held", "similar", "alike", "lost", "life", "evicted", "count"])
    assert.ok((seen.get(scale) ?? 0) > draws / 100, `${scale}: ${seen.get(scale)} cells`);
});

function drawn({ x, y, at }: Plot, { columns, values, x: across }: Cells, random: Random) {
  const lines = values.length / columns;
  const [column, line] = [columns, lines].map((count) => Math.floor(random.next() * count));
  const middle = ([from, to]: [number, number], share: number): number =>
    from + share * (to - from);
  const place = middle(across ?? x.domain, (column + 0.5) / columns);
  const target = at?.(place, middle(y.domain, (line + 0.5) / lines)) ?? {};
  return { value: values[line * columns + column], target };
}

/** Undefined where a point stands for nothing that the trace says in one number. */
async function expected(about: About): Promise<number | undefined> {
  const { told, state, scale, position, pointed, moment, layer, pair } = about;
  switch (scale) {
    case "held":
      if (position === undefined) return undefined;
      return moment === undefined ? heldNow(about, position) : heldOfStep(told, position, moment);
    case "similar":
      return pointed === undefined
        ? highest(about, position ?? NaN)
        : cosine(about, position ?? NaN, pointed);
    case "alike":
      return pair && meanCosine(about, pair);
    case "lost":
      return layer === undefined ? undefined : lostAttention(about, position ?? NaN);
    case "life":
      return life(told, about, compactionsAt(told, moment ?? NaN), state.selected ?? NaN);
    case "evicted":
      return evictedShare(about, position ?? NaN);
    case "count":
      if (position === undefined || moment === undefined) return undefined;
      return evictedOfStep(about, position, moment);
    case "difference":
    case "agreed":
    case "heldAtEnd":
      return undefined; // Not of one run alone: see below.
    default:
      return scale satisfies never;
  }
}

/** Of a layer's heads, or of one, by the last compaction. */
async function evictedShare(about: About, position: number): Promise<number> {
  const { told } = about;
  const before = {
    ...about,
    state: { ...about.state, tokens: told.compactions.at(-2)?.position ?? 0 },
  };
  return (await heldNow(before, position)) - (await heldNow(about, position));
}

const compactionsAt = ({ compactions }: Told, tokens: number): number =>
  compactions.filter(({ position }) => position <= tokens).length;

/** Of a layer's heads, or of one of them, at the state's moment. */
async function heldNow({ told, state, layer = 0, head }: About, position: number): Promise<number> {
  const { kvHeads } = told.reader.header;
  const heads = head === undefined ? Array.from({ length: kvHeads }, (_, index) => index) : [head];
  const count = compactionsAt(told, state.tokens);
  const held = await Promise.all(heads.map((one) => told.holds(layer, one, position, count)));
  return held.filter(Boolean).length / heads.length;
}

/** Of the step that begins there, after the compactions up to a moment; NaN before it was written. */
async function heldOfStep(told: Told, from: number, moment: number): Promise<number> {
  const { layers, kvHeads } = told.reader.header;
  const end = told.steps.find((step) => step > from) ?? told.tokens.length;
  if (moment <= from) return NaN;
  const count = compactionsAt(told, moment);
  let held = 0;
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < kvHeads; head++)
      for (let position = from; position < end; position++)
        if (await told.holds(layer, head, position, count)) held++;
  return held / (layers * kvHeads * (end - from));
}

/** Slots of the step that holds a position, evicted by the compaction at a moment. */
async function evictedOfStep(about: About, position: number, moment: number): Promise<number> {
  const { told, state } = about;
  const { layers, kvHeads } = told.reader.header;
  const from = told.steps.findLast((step) => step <= position) ?? 0;
  const end = told.steps.find((step) => step > position) ?? told.tokens.length;
  const count = compactionsAt(told, moment);
  let evicted = 0;
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < kvHeads; head++) {
      if (state.oneHead && (layer !== state.layer || head !== state.head)) continue;
      for (let at = from; at < end; at++)
        if (
          (await told.holds(layer, head, at, count - 1)) &&
          !(await told.holds(layer, head, at, count))
        )
          evicted++;
    }
  return evicted;
}

/** Of two keys of the chosen head; 0 of a key with itself. */
async function cosine({ told, state: { layer, head } }: About, a: number, b: number) {
  if (a === b) return 0;
  const keyOf = async (position: number): Promise<Float32Array> => {
    const record = await told.keys(layer, position);
    const at = (head * record.count + position - record.firstPosition) * record.headDim;
    return record.keys.subarray(at, at + record.headDim);
  };
  const [one, other] = [await keyOf(a), await keyOf(b)];
  return one.reduce((sum, value, d) => sum + value * other[d], 0);
}

/** Of a token with the selected one; where none is selected, with whatever is nearest. */
async function highest(about: About, position: number): Promise<number> {
  const { told, state } = about;
  if (state.selected !== undefined) return cosine(about, state.selected, position);
  const { compaction, layer, head } = explained(state) ?? { compaction: 0, layer: 0, head: 0 };
  const slots = await slotsOf(told, compaction, layer, head);
  const others = slots.filter((other) => other !== position);
  return Math.max(0, ...(await Promise.all(others.map((other) => cosine(about, position, other)))));
}

async function slotsOf(told: Told, compaction: number, layer: number, head: number) {
  const { positions, slots } = await told.layer(compaction, layer);
  return [...positions.subarray(head * slots, (head + 1) * slots)];
}

/** Of all pairs of two steps, in the heads that the view was asked for; NaN where there is none. */
async function meanCosine(about: About, pair: PairOfSteps): Promise<number> {
  const { told, state } = about;
  const { compaction, ...chosen } = explained(state) ?? { compaction: 0, layer: 0, head: 0 };
  const layer = about.layer ?? chosen.layer;
  const all = Array.from({ length: told.reader.header.kvHeads }, (_, index) => index);
  const [ones, others] = pair.map(([from, to]) => [
    told.steps[from],
    told.steps[to] ?? told.tokens.length,
  ]);
  const isIn = (position: number, [from, to]: number[]) => position >= from && position < to;
  let [sum, count] = [0, 0];
  for (const head of state.alikeBy === "head" ? [chosen.head] : all) {
    const slots = await slotsOf(told, compaction, layer, head);
    const of = { ...about, state: { ...state, layer, head } };
    for (const a of slots)
      for (const b of slots) {
        if (a === b || !isIn(a, ones) || !isIn(b, others)) continue;
        sum += await cosine(of, a, b);
        count++;
      }
  }
  return sum / count;
}

function lostAttention({ told, layer = 0, head }: About, position: number): number {
  const { layers, kvHeads } = told.reader.header;
  for (const { firstPosition, kl, lostAttention: lost } of told.divergences) {
    if (position < firstPosition || position >= firstPosition + kl.length) continue;
    const at = ((position - firstPosition) * layers + layer) * kvHeads;
    const heads = head === undefined ? lost.subarray(at, at + kvHeads) : [lost[at + head]];
    return [...heads].reduce((sum, value) => sum + value, 0) / heads.length;
  }
  return NaN;
}

/** 1 held, 0.5 evicted by the compaction that made it so many, 0 gone. */
async function life(told: Told, { layer = 0, head = 0 }: Target, count: number, position: number) {
  const [before, after] = await Promise.all(
    [count - 1, count].map((times) => told.holds(layer, head, position, times)),
  );
  return after ? 1 : before ? 0.5 : 0;
}

test("random cells of scenes that lay two runs beside each other, or several chains", async () => {
  const random = new Random(6);
  const seen = new Map<string, number>();
  for (const stage of [traces.small, pairs.parted, pairs.earlier, traces.voted]) {
    const { trace, beside, state, data } = await stage();
    const told = beside
      ? [await toldSlowly(trace), await toldSlowly(beside)]
      : await Promise.all([0, 1, 2, 3].map((chain) => toldSlowly(trace, chain)));
    for (const { view } of Object.values(views))
      for (const plot of (await data.sceneOf(view, state, size)).plots)
        for (const cells of plot.cells ?? [])
          for (let draw = 0; draw < 15; draw++) {
            const { scale } = cells.scale;
            const { value, target } = drawn(plot, cells, random);
            const wanted = await besideEachOther(told, scale, target, state.tokens);
            if (wanted === undefined) continue;
            assert.ok(
              Math.abs(value - wanted) < 1e-5 || Object.is(value, wanted),
              `${scale} ${value} is ${wanted} of ${JSON.stringify(target)}`,
            );
            seen.set(scale, (seen.get(scale) ?? 0) + 1);
          }
  }
  for (const scale of ["difference", "agreed", "heldAtEnd"])
    assert.ok((seen.get(scale) ?? 0) >= 15, `${scale}: ${seen.get(scale)} cells`);
});

/** Undefined where the number is one of a single run. */
async function besideEachOther(
  told: Told[],
  scale: About["scale"],
  { position = 0, layer = 0, chain = 0 }: Target,
  tokens: number,
): Promise<number | undefined> {
  const parted = told[0].tokens.findIndex(({ id }, at) => id !== told[1].tokens[at]?.id);
  const upTo = Math.min(tokens, parted < 0 ? Infinity : parted);
  if (scale === "heldAtEnd") return heldAtEnd(told[chain], position);
  if (scale !== "difference" && scale !== "agreed") return undefined;
  const next = told[0].steps.find((step) => step > position) ?? Infinity;
  const end = scale === "agreed" ? Math.min(next, upTo) : position + 1;
  if (position >= upTo) return NaN;
  const [both, first, second] = await heldByTwo(told, layer, [position, end], upTo);
  if (scale === "agreed") return both / (both + first + second);
  const most = Math.max(both, first, second);
  return most === 0 ? 2 : both === most ? 0 : first === most ? 1 : -1;
}

async function heldAtEnd(told: Told, position: number): Promise<number> {
  const { layers, kvHeads } = told.reader.header;
  let held = 0;
  for (let layer = 0; layer < layers; layer++)
    for (let head = 0; head < kvHeads; head++)
      if (await told.holds(layer, head, position, told.compactions.length)) held++;
  return held / (layers * kvHeads);
}

/** Slots that both hold, only the first, only the second, when their texts were so long. */
async function heldByTwo(told: Told[], layer: number, [from, to]: Span, tokens: number) {
  const counts = [0, 0, 0];
  for (let head = 0; head < told[0].reader.header.kvHeads; head++)
    for (let position = from; position < to; position++) {
      const [a, b] = await Promise.all(
        told.map((one) => one.holds(layer, head, position, compactionsAt(one, tokens))),
      );
      if (a || b) counts[a && b ? 0 : a ? 1 : 2]++;
    }
  return counts;
}

type Row = Map<string, string | number>;
type Meaning = (row: Row, told: Told, state: Readonly<State>, match: string[]) => unknown;

const at = (row: Row, name = "position"): number => Number(row.get(name));

/** Whether the row names a second token. */
const isPair = (row: Row): boolean => row.get("at") !== "";

/** Of the slot of the explained head that holds the row's token; −1 where it lists none. */
async function ofSlot(row: Row, told: Told, state: Readonly<State>) {
  const asked = explained(state) ?? { compaction: 0, layer: 0, head: 0 };
  const record = await told.layer(asked.compaction, asked.layer);
  const from = asked.head * record.slots;
  const slot = record.positions.subarray(from, from + record.slots).indexOf(at(row));
  return {
    record,
    index: slot < 0 ? -1 : from + slot,
    lambda: told.compactions[asked.compaction].lambda,
  };
}

const part =
  (name: string, factor: (lambda: number) => number): Meaning =>
  async (row, told, state) => {
    const { record, index, lambda } = await ofSlot(row, told, state);
    if (index < 0) return NaN;
    const values = record.parts.find((one) => one.name === name)?.values ?? new Float32Array();
    return factor(lambda) * values[index];
  };

const heldInLayer: Meaning = (row, told, state, [, layer]) =>
  heldNow({ told, state, scale: "held", layer: Number(layer) }, at(row));

/** What columns say, by their names. */
const meanings: [RegExp, Meaning][] = [
  [/^token$/, (row, told) => told.tokens[at(row)].text],
  [/^near-duplicate$/, (row, told) => (isPair(row) ? told.tokens[at(row, "at")].text : "")],
  [/^id$/, (row, told) => told.tokens[at(row)].id],
  [/^log-probability$/, (row, told) => told.tokens[at(row)].logProb],
  [/^(?:held in )?L(\d+)$/, heldInLayer],
  [
    /^lost in L(\d+)·(\d+)$/,
    (row, told, state, [, layer, head]) =>
      lostAttention(
        { told, state, scale: "lost", layer: Number(layer), head: Number(head) },
        at(row),
      ),
  ],
  [
    /^cosine$/,
    (row, told, state) =>
      isPair(row) ? cosine({ told, state, scale: "similar" }, at(row), at(row, "at")) : NaN,
  ],
  [
    /^mean cosine$/,
    (row, told, state) => {
      const of = (name: string): number => Number(/\d+/.exec(String(row.get(name)))?.[0] ?? 0);
      const [a, b] = [of("step"), of("other step")];
      const about: About = { told, state, scale: "alike", layer: at(row, "layer") };
      return meanCosine(about, [
        [a, a + 1],
        [b, b + 1],
      ]);
    },
  ],
  [/^importance$/, part("importance", () => 1)],
  [/^redundancy$/, part("redundancy", () => 1)],
  [/^λ·importance$/, part("importance", (lambda) => lambda)],
  [/^\(1−λ\)·redundancy$/, part("redundancy", (lambda) => 1 - lambda)],
  [
    /^verdict$/,
    async (row, told, state) => {
      const { record, index } = await ofSlot(row, told, state);
      return index < 0 ? "" : record.retained[index] ? "retained" : "evicted";
    },
  ],
];

test("random numbers of all tables, wherever a column's name says what the trace calls it", async () => {
  const { trace, state, data } = await traces.small();
  const told = await toldSlowly(trace);
  const random = new Random(9);
  let compared = 0;
  for (const { view } of Object.values(views)) {
    const scene = await data.sceneOf(view, state, size);
    const { columns, rows } = scene.table();
    for (let draw = 0; draw < 40 && rows.length > 0; draw++) {
      const row = rows.at(Math.floor(random.next() * rows.length)) ?? [];
      const named: Row = new Map(columns.map((name, index) => [name, row[index]]));
      for (const [pattern, meaning] of meanings) {
        const match = columns.map((name) => pattern.exec(name)).find(Boolean);
        if (!match) continue;
        const [shown, wanted] = [named.get(match[0]), await meaning(named, told, state, match)];
        const isClose = Math.abs(Number(shown) - Number(wanted)) < 1e-5;
        assert.ok(
          isClose || Object.is(shown, wanted),
          `${match[0]}: ${shown} is ${String(wanted)}`,
        );
        compared++;
      }
    }
  }
  assert.ok(compared > 600, `${compared} numbers`);
});
