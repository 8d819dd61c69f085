/** How an engine process ended, and the error that everything it still owed ends with. */
export interface EngineEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set when it was this side that ended it, as the rest of “The engine was stopped …”. */
  because?: string;
  /** Set when this side ended it because the whole process stood still. */
  isSuspended?: boolean;
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

export function describeEnd({ code, signal, because, lastWords }: EngineEnd): string {
  if (because !== undefined) return `The engine was stopped ${because}.`;
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code ?? "unknown"}`;
  const memory =
    signal === "SIGKILL" || code === 134 ? " (often: the machine ran out of memory)" : "";
  const words = lastWords.trim().split("\n").at(-1);
  return `The engine process ${how}${memory}.${words ? ` Its last words: ${words}` : ""}`;
}
