import type { Chains } from "../../model/chains";
import type { Run } from "../../model/run";
import type { Instead } from "../../scene/scene";
import type { Data } from "../../state/data";
import type { State } from "../../state/state";
import { absent } from "./absent";

/** What was read last, and of which run. */
interface Latest {
  run?: Run;
  chains?: Chains;
}

/** The chains of the run; while its trace is read on, those that were read before. */
export function chainsRead(state: Readonly<State>, data: Data): Chains | undefined {
  const latest = data.derive("latest chains", (): Latest => ({}));
  const { run } = state;
  const found = data.recall(run, nameIn(state), (trace) => trace.chains(run));
  const known = isSameTrace(run, latest.run) ? latest.chains : undefined;
  return Object.assign(latest, { run, chains: found ?? known }).chains;
}

/** Chains of one trace are runs of one header. */
function isSameTrace({ header }: Run, other: Run | undefined): boolean {
  return other?.header === header || JSON.stringify(other?.header) === JSON.stringify(header);
}

const nameIn = ({ version }: Readonly<State>): string => `chains ${version}`;

export function chainsAbsent(state: Readonly<State>, data: Data): Instead {
  const absence = data.absence(state.run, nameIn(state));
  return absent(absence, "Reading the chains…", "This trace does not hold its chains.");
}
