/** Figures and numbers of a trace for whoever has no page: the same scenes, drawn without a browser. */
import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { counted } from "../../../src/shared/units";
import { momentAt } from "../model/moment";
import type { Run } from "../model/run";
import type { Theme } from "../scene/theme";
import { AwaitedData } from "./awaitedData";
import { load } from "../state/loader";
import { initialState, type State } from "../state/state";
import { TraceData } from "../state/traceData";
import { drawingOf, type Wish } from "./compose";
import { svgOf } from "./svg";
import type { Subject } from "./viewPieces";

export { viewNames, type ViewName } from "../views";
export type { Wish } from "./compose";
export { numbersOf } from "./numbers";
export { night, paper } from "./paper";

/** A place in a run, as a command line names it; chains and compactions are counted from 1. */
export interface Asked {
  chain?: number;
  /** Length of the text, in tokens. */
  moment?: number;
  compaction?: number;
  /** Position of the selected token, or a word that it holds. */
  token?: number;
  find?: string;
  layer?: number;
  head?: number;
}

/** Something that was asked for and is not in the trace, in a sentence. */
export class NotInTraceError extends Error {
  override name = "NotInTraceError";
}

/** @param name the trace's */
export async function subjectOf(
  bytes: ByteSource,
  name: string,
  asked: Asked,
): Promise<Subject & { problem?: string }> {
  const { run, reader, refresh } = await load(bytes, (asked.chain ?? 1) - 1);
  within("chain", asked.chain, [1, run.header.chains]);
  await refresh();
  const trace = new TraceData(() => undefined);
  trace.serve(run, reader);
  const { problem } = reader.recovery;
  return { state: stateOf(run, asked), data: new AwaitedData(trace), trace: name, problem };
}

export async function figureOf(subject: Subject, wish: Wish, theme: Theme): Promise<string> {
  return svgOf(await drawingOf(wish, subject, theme), theme);
}

function stateOf(run: Run, asked: Asked): State {
  const { layer, head, compaction, moment, token } = asked;
  within("layer", layer, [0, run.header.layers - 1]);
  within("head", head, [0, run.header.kvHeads - 1]);
  within("compaction", compaction, [1, run.compactions.length]);
  within("moment", moment, [0, run.tokens]);
  within("token", token, [0, run.tokens - 1]);
  const last = compaction === undefined ? moment : run.compactions[compaction - 1].position;
  const { tokens, compactions } = momentAt(run, last ?? run.tokens);
  return {
    ...initialState(run, false),
    tokens,
    compactions,
    selected: token ?? found(run, asked.find),
    layer: layer ?? 0,
    head: head ?? 0,
  };
}

function within(what: string, value: number | undefined, [least, most]: [number, number]): void {
  if (value === undefined || (value >= least && value <= most)) return;
  const there = most > least ? `${what}s ${least} to ${most}` : `${what} ${least} only`;
  const has = most < least ? `no ${what}` : there;
  throw new NotInTraceError(`There is no ${what} ${value}: this run has ${has}.`);
}

/** The first token that holds a word, in any case of letters. */
function found(run: Run, word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const wanted = word.toLowerCase();
  const at = run.texts.findIndex((text) => text.toLowerCase().includes(wanted));
  if (at >= 0) return at;
  throw new NotInTraceError(
    `No token of this run holds “${word}”; its text has ${counted(run.tokens, "token")}.`,
  );
}
