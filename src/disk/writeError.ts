import { reasonOf } from "../shared/reasonOf";
import { codeOf } from "./errorCode";

/** Something that could not be written, in a sentence for people: what, why, and what to do. */
export class WriteError extends Error {
  override name = "WriteError";

  /** @param what the sentence's beginning, such as “The trace /home/me/run.rkvtrace” */
  constructor(what: string, cause: unknown, advice = adviceFor(cause)) {
    super(`${what} cannot be written (${reasonOf(cause)}): ${advice}.`, { cause });
  }
}

/** For a promise's catch: rejects with a WriteError instead. */
export function unwritten(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new WriteError(what, cause);
  };
}

function adviceFor(cause: unknown): string {
  const code = codeOf(cause) ?? "";
  if (["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) return "free some space there";
  if (["EACCES", "EPERM", "EROFS"].includes(code)) return "choose a place that you may write to";
  if (["ENOENT", "ENOTDIR"].includes(code)) return "choose a folder that is there";
  if (code === "EPIPE") return "let its reader take all of it";
  return "choose another place";
}
