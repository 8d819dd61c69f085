/** What a view asks for and does not get at once: half written, missing, failed, or long to count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteSource } from "../../../src/shared/trace/byteSource";
import { typeCodes } from "../../../src/shared/trace/format";
import {
  decisionAbsence,
  explainedDecision,
  explainedSimilarities,
} from "../../../webview/inspector/state/explained";
import { RecordedData } from "../../../webview/inspector/state/data";
import { Kept } from "../../../webview/inspector/state/kept";
import { load } from "../../../webview/inspector/state/loader";
import type { Work } from "../../../webview/inspector/model/pieces";
import { Recorder } from "../../../webview/inspector/state/recorder";
import { initialState } from "../../../webview/inspector/state/state";
import { TraceData } from "../../../webview/inspector/state/traceData";
import { syntheticTrace } from "../../support/inspector/inspectorPage";

const shape = {
  tokens: 90,
  layers: 2,
  kvHeads: 2,
  headDim: 4,
  compactions: 2,
  budget: 24,
  seed: 1,
};
const asked = { compaction: 1, layer: 1, head: 1 };

/** A file that is still being written, and whose disk can fail. */
class GrowingSource implements ByteSource {
  written: number;
  reads = 0;
  fails = false;

  constructor(private readonly bytes: Uint8Array) {
    this.written = bytes.length;
  }

  size(): Promise<number> {
    return Promise.resolve(this.written);
  }

  read(offset: number, length: number): Promise<ArrayBuffer> {
    this.reads++;
    if (this.fails) return Promise.reject(new Error("The disk is gone."));
    const end = Math.min(this.written, offset + length);
    return Promise.resolve(new Uint8Array(this.bytes.slice(offset, end)).buffer);
  }
}

async function openedOn(source: GrowingSource) {
  const { run, reader, refresh } = await load(source);
  await refresh();
  let arrive: () => void = () => undefined;
  const data = new TraceData(() => arrive());
  data.serve(run, reader);
  const read = new RecordedData(data, new Recorder());
  const state = () => initialState(run, true);
  return {
    data,
    /** The next time that the view is told to ask again. */
    arrival: () => new Promise<void>((resolve) => (arrive = resolve)),
    decision: () => explainedDecision(state(), read, asked),
    similarities: (head: number) => explainedSimilarities(state(), read, { ...asked, head }),
    absence: () => decisionAbsence(state(), read, asked),
    grow: async () => {
      await refresh();
      data.grown();
    },
  };
}

/** Offset of the last record of scores. */
function lastScores(bytes: Buffer): number {
  let found = 0;
  for (let at = 20 + bytes.readUInt32LE(12); at < bytes.length; at += 9 + bytes.readUInt32LE(at))
    if (bytes[at + 4] === typeCodes.scores) found = at;
  return found;
}

async function halfWritten(): Promise<{ source: GrowingSource; whole: number }> {
  const bytes = Buffer.from(await syntheticTrace(shape));
  const source = new GrowingSource(bytes);
  source.written = lastScores(bytes) + 30;
  return { source, whole: bytes.length };
}

test("scores that are half written are missing, and there when the trace has grown", async () => {
  const { source, whole } = await halfWritten();
  const view = await openedOn(source);
  let arrived = view.arrival();
  assert.equal(view.decision(), undefined);
  assert.equal(view.absence().kind, "asked");
  await arrived;
  const { reads } = source;
  assert.equal(view.decision(), undefined);
  assert.equal(view.absence().kind, "missing");
  assert.equal(source.reads, reads, "nothing new can be there");
  source.written = whole;
  await view.grow();
  arrived = view.arrival();
  assert.equal(view.decision(), undefined);
  await arrived;
  assert.ok(view.decision());
});

test("a trace that grows while the scores are being read is asked again", async () => {
  const { source, whole } = await halfWritten();
  const view = await openedOn(source);
  const arrived = view.arrival();
  assert.equal(view.decision(), undefined);
  source.written = whole;
  await view.grow();
  await arrived;
  for (let asks = 0; view.decision() === undefined && asks < 3; asks++) await view.arrival();
  assert.ok(view.decision());
});

test("a failure is told where it happened, not repeated, and can be tried again", async () => {
  const source = new GrowingSource(await syntheticTrace(shape));
  const view = await openedOn(source);
  source.fails = true;
  let arrived = view.arrival();
  view.decision();
  await arrived;
  const { reads } = source;
  assert.equal(view.decision(), undefined);
  assert.equal(source.reads, reads);
  const absence = view.absence();
  assert.ok(absence.kind === "failed");
  assert.equal(absence.message, "The disk is gone.");
  source.fails = false;
  absence.again();
  arrived = view.arrival();
  view.decision();
  await arrived;
  assert.ok(view.decision());
});

test("a failure is not for ever: when the trace has grown, it is asked again", async () => {
  const source = new GrowingSource(await syntheticTrace(shape));
  const view = await openedOn(source);
  source.fails = true;
  let arrived = view.arrival();
  view.decision();
  await arrived;
  assert.equal(view.absence().kind, "failed");
  source.fails = false;
  await view.grow();
  arrived = view.arrival();
  assert.equal(view.decision(), undefined);
  await arrived;
  assert.ok(view.decision());
});

test("no record is read twice, whichever views and heads look at it", async () => {
  const source = new GrowingSource(await syntheticTrace(shape));
  const view = await openedOn(source);
  for (const look of [() => view.similarities(0), () => view.similarities(1), view.decision]) {
    const arrived = view.arrival();
    const { reads } = source;
    look();
    await arrived;
    assert.ok(look());
    if (look() === view.similarities(0)) assert.ok(source.reads > reads);
    else assert.equal(source.reads, reads);
  }
});

test("what is soon counted is there at once; of what takes long, one thing at a time", async () => {
  const view = await openedOn(new GrowingSource(await syntheticTrace(shape)));
  let working = 0;
  function* long(millis: number, result: string): Work<string> {
    working++;
    assert.equal(working, 1);
    for (const until = performance.now() + millis; performance.now() < until;) yield;
    working--;
    return result;
  }
  assert.equal(
    view.data.counted("topic", "short", () => long(0, "short")),
    "short",
  );
  const first = (): string | undefined =>
    view.data.counted("topic", "first", () => long(40, "first"));
  const second = (): string | undefined =>
    view.data.counted("topic", "second", () => long(40, "second"));
  for (const [ask, result] of [
    [first, "first"],
    [second, "second"],
  ] as const) {
    const arrived = view.arrival();
    assert.deepEqual([ask(), second()], [undefined, undefined]);
    await arrived;
    assert.equal(ask(), result);
  }
  assert.equal(view.data.lastCounted("topic"), "second");
});

test("records are kept by their bytes: the newest always, the ones not looked at go", () => {
  const kept = new Kept();
  const large = (megabytes: number) => ({ values: new Uint8Array(megabytes * 2 ** 20) });
  kept.set("old", large(40));
  kept.set("used", large(40));
  kept.get("old");
  kept.set("new", large(40));
  assert.deepEqual(
    ["old", "used", "new"].map((name) => kept.get(name) !== undefined),
    [true, false, true],
  );
  kept.set("huge", large(200));
  assert.equal(kept.get("old"), undefined);
  assert.ok(kept.get("huge"));
});
