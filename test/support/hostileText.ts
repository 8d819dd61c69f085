/** Text that would steer a terminal, hide, turn the writing round, or fake a line of the program's. */
import assert from "node:assert/strict";
import { header, records, traceBytes } from "./trace/sampleTrace";
import type { PolicyName } from "../../src/shared/settings/settings";
import type { TraceRecord } from "../../src/shared/trace/records";

/** Sets a title, clears the screen, colours, overwrites its line, and hides a message in a tag. */
export const hostileText =
  "a\u001b]0;title\u0007\u001b[2J\u009b31m\u007f\rb\u202ec\u2066\u200b\u{e0041}\u2028\nforged";

/**
 * What no output may hold: controls but tabs and newlines, and what Unicode lets a font leave out,
 * but for joiners and emoji selectors, which some scripts need.
 */
const harmful =
  /(?![\t\n])\p{Cc}|[\u2028\u2029\ufff9-\ufffb]|(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/u;

/** No character of it steers or hides anything, and no line of it is the forged one. */
export function assertHarmless(output: string): void {
  const found = harmful.exec(output);
  const place = output.slice(Math.max(0, (found?.index ?? 0) - 40)).slice(0, 80);
  assert.equal(found, null, JSON.stringify(place));
  assert.doesNotMatch(output, /^"?forged/m);
}

/** A trace, not replayed yet, in which everything that is a text is this one. */
export function traceOf(text: string): Uint8Array {
  const named = { ...header, writer: text, model: text, device: text };
  const told = records.filter(({ type }) => type !== "divergence");
  return traceBytes(
    told.map((record) => withTexts(record, text)),
    named,
  );
}

function withTexts(record: TraceRecord, text: string): TraceRecord {
  if (record.type === "settings") {
    // The type has our own policies' names; another writer's trace may hold any.
    const policy = text as PolicyName;
    return { ...record, cache: { ...record.cache, policy } };
  }
  if (record.type === "compaction") return { ...record, policy: text };
  if (record.type === "tokens") return { ...record, texts: record.texts.map(() => text) };
  if (record.type === "step") return { ...record, title: text };
  if (record.type === "end") return { ...record, stopReason: text };
  if (record.type !== "compactionLayer") return record;
  return { ...record, parts: record.parts.map((part, i) => ({ ...part, name: `${text}${i}` })) };
}
