import { crashSentence, type ModelTrial } from "../../shared/wire/modelTrial";
import { megabytesIn } from "../../shared/wire/overMemory";

/** How an engine process ended, and the error that everything it still owed ends with. */
export interface EngineEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set when it was this side that ended it, as the rest of “The engine was stopped …”. */
  because?: string;
  /** Set when this side ended it because the whole process stood still. */
  isSuspended?: boolean;
  /** The model that was being tried on a device. */
  trial?: ModelTrial;
  /** The last lines it wrote to stderr. */
  lastWords: string;
}

export class EngineEndedError extends Error {
  constructor(readonly end: EngineEnd) {
    super(describeEnd(end));
    this.name = "EngineEndedError";
  }
}

/** True where the process went by itself and not in good order. */
export function isCrash({ code, because }: EngineEnd): boolean {
  return because === undefined && code !== 0;
}

/** False where something outside ended or suspended it: the same work may well succeed next time. */
export function isOwnFault({ code, signal, because, isSuspended }: EngineEnd): boolean {
  const isKilled = signal === "SIGKILL" && because === undefined;
  return code !== 0 && !isKilled && !isSuspended;
}

/**
 * What a model did to the engine, such as “crash (SIGSEGV)”; undefined where its end may have had
 * other reasons, as a SIGKILL from outside has.
 */
export function modelsDoing({ code, signal, because, trial, lastWords }: EngineEnd) {
  if (because !== undefined || !trial) return undefined;
  const megabytes = megabytesIn(lastWords);
  if (megabytes !== undefined) return `take more than ${megabytes} MB of memory`;
  if (isAbort({ code, signal })) return "abort, often for want of memory,";
  if (signal !== null && faults.has(signal)) return `crash (${signal})`;
  const isFault = code !== null && code >= firstWindowsFault;
  return isFault ? `crash (0x${code.toString(16).toUpperCase()})` : undefined;
}

/** What happens to a good model too, where memory is short: nothing to remember of it. */
export function isAbort({ code, signal }: Pick<EngineEnd, "code" | "signal">): boolean {
  return signal === "SIGABRT" || code === windowsAbort;
}

const faults = new Set<NodeJS.Signals>(["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"]);
/** Windows has no signals: such an exit code is an exception that nothing caught. */
const firstWindowsFault = 0xc0000000;
const windowsAbort = 0xc0000409;

/** One or two sentences for the person, with what is to do where that is known. */
export function describeEnd(end: EngineEnd): string {
  const { code, signal, because, trial, lastWords } = end;
  if (because !== undefined) return `The engine was stopped ${because}.`;
  const did = modelsDoing(end);
  if (did !== undefined && trial) return crashSentence(trial, did);
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code ?? "unknown"}`;
  const memory =
    signal === "SIGKILL" || code === 134 ? " (often: the machine ran out of memory)" : "";
  const words = lastWords.trim().split("\n").at(-1);
  return `The engine process ${how}${memory}.${words ? ` Its last words: ${words}` : ""}`;
}
