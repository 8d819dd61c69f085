/** The tokens behind a picked cell: as lines to go to, and as a table. */
import { counted } from "../../../../src/shared/units";
import { margin, type Candidate, type Decision } from "../../model/decision";
import { evictedTokens, type EvictedToken } from "../../model/evictedCell";
import { headName, stayed } from "../../model/explanation";
import { tokenKinds } from "../../model/kinds";
import { brief } from "../../model/numbers";
import { twinOf, type Similarities, type Twin } from "../../model/reasons";
import { briefReason } from "../../model/reasonWords";
import { stepName } from "../../model/stepHistory";
import type { List, ListLine } from "../../scene/scene";
import { rowsMade, type Row, type Table } from "../../scene/table";
import type { Data } from "../../state/data";
import { explainedDecision, explainedSimilarities } from "../../state/explained";
import type { State } from "../../state/state";
import { rowsSeen, type Cell } from "./evictedCells";
import { kindsIn } from "./evictedKinds";
import { named } from "./positions";

/** Lines of a list at most, each of which has its near-duplicate looked for. */
const mostLines = 100;

export function tokensIn(
  state: Readonly<State>,
  data: Data,
  { step, compaction }: Cell,
): EvictedToken[] | undefined {
  const { run } = state;
  const rows = rowsSeen(state);
  return data.counted(
    run,
    "evicted tokens",
    [run.version, step, compaction, ...rows].join(" "),
    () => evictedTokens(run, run.steps[step], compaction, rows),
  );
}

/** What is known of the tokens of a cell, as far as it is read. */
interface Known {
  state: Readonly<State>;
  cell: Cell;
  tokens: EvictedToken[];
  /** Of the chosen head, by position. */
  candidates: ReadonlyMap<number, Candidate>;
  decision?: Decision;
  similarities?: Similarities;
}

function knownOf(state: Readonly<State>, data: Data, cell: Cell): Known {
  const { layer, head } = state;
  const asked = { compaction: cell.compaction, layer, head };
  const decision = explainedDecision(state, data, asked);
  const similarities = explainedSimilarities(state, data, asked);
  const tokens = tokensIn(state, data, cell) ?? [];
  const candidates = new Map(decision?.candidates.map((one) => [one.position, one]));
  return { state, cell, tokens, candidates, decision, similarities };
}

export function evictedList(state: Readonly<State>, data: Data, cell: Cell): List {
  const known = knownOf(state, data, cell);
  const { tokens } = known;
  const { run } = state;
  const name = stepName(run.steps[cell.step], cell.step);
  const from = state.oneHead ? ` from ${headName(asked(known))}` : "";
  return {
    title: `${counted(tokens.length, "token")} of ${name.toLowerCase()} went at compaction ${cell.compaction + 1}${from}`,
    lines: tokens.slice(0, mostLines).map((token) => lineOf(known, token)),
    more: Math.max(0, tokens.length - mostLines),
  };
}

const asked = ({ state: { layer, head }, cell: { compaction } }: Known) => {
  return { compaction, layer, head };
};

/** To the token, in the chosen head where that one let it go too. */
function lineOf(known: Known, token: EvictedToken): ListLine {
  const { run, layer, head, oneHead } = known.state;
  const { kvHeads, layers } = run.header;
  const { position, row } = token;
  const isOwn = wentHere(known, position);
  const target = isOwn
    ? { position, layer, head }
    : { position, layer: Math.floor(row / kvHeads), head: row % kvHeads };
  const heads = oneHead ? [] : [`${token.heads} of ${counted(layers * kvHeads, "head")}`];
  const why = isOwn ? whyOf(known, position) : ["not this one"];
  return { words: named(run, position), detail: [...heads, ...why].join("; "), target };
}

function wentHere({ state, cell: { compaction } }: Known, position: number): boolean {
  const { run, layer, head } = state;
  return run.evictions.evictedAt(layer * run.header.kvHeads + head, position) === compaction;
}

/** By how much it missed, and why; nothing where the scores are not there. */
function whyOf(known: Known, position: number): string[] {
  const candidate = known.candidates.get(position);
  const last = known.decision?.candidates.findLast(({ retained }) => retained);
  if (!candidate) return [];
  const missed = (last?.score ?? NaN) - candidate.score;
  const by = Number.isFinite(missed) ? [`missed by ${brief(missed)}`] : [];
  return [...by, reasonOf(known, candidate)];
}

function reasonOf(known: Known, candidate: Candidate): string {
  const { state, decision } = known;
  const twin = twinIn(known, candidate.position);
  return decision ? briefReason(state.run, candidate, decision, twin) : "";
}

function twinIn(known: Known, position: number): Twin | undefined {
  const about = { run: known.state.run, asked: asked(known) };
  return (
    known.similarities &&
    twinOf(position, known.state.run.texts, (at) => stayed(about, at), known.similarities)
  );
}

const columns = [
  "position",
  "token",
  "kind",
  "heads that let it go",
  "score",
  "importance",
  "redundancy",
  "margin",
  "near-duplicate",
  "at",
  "cosine",
  "verdict",
  "reason",
];

/** Scores and reasons are those of the chosen head. */
export function evictedTable(state: Readonly<State>, data: Data, cell: Cell): Table {
  const known = knownOf(state, data, cell);
  const kinds = kindsIn(state, data);
  return {
    columns,
    rows: rowsMade(known.tokens.length, (index) => rowOf(known, known.tokens[index], kinds)),
  };
}

function rowOf(known: Known, { position, heads }: EvictedToken, kinds?: Uint8Array): Row {
  const { texts } = known.state.run;
  const { decision } = known;
  const candidate = known.candidates.get(position);
  const twin = twinIn(known, position);
  return [
    position,
    texts[position] ?? "",
    kinds ? (tokenKinds[kinds[position]] ?? "") : "",
    heads,
    candidate?.score ?? NaN,
    candidate?.importance ?? NaN,
    candidate?.redundancy ?? NaN,
    candidate && decision ? margin(candidate, decision) : NaN,
    twin ? (texts[twin.position] ?? "") : "",
    twin?.position ?? "",
    twin?.cosine ?? NaN,
    candidate ? (candidate.retained ? "retained" : "evicted") : "",
    candidate && !candidate.retained ? reasonOf(known, candidate) : "",
  ];
}
