/** Pipes, devices and folders in a trace's place are refused at once: nothing waits to read them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { withTrace } from "../../../src/cli/trace/traceFile";
import { fileBytes } from "../../../src/client/inspector/traceBytes";
import { readRecordedRun } from "../../../src/engine/replay/recordedRun";
import { TraceWriter } from "../../../src/engine/trace/traceWriter";
import { headerOf } from "../../support/inspector/sampleRun";

const readers: Record<string, (name: string) => Promise<unknown>> = {
  "the trace command": (name) => withTrace(name, () => Promise.resolve()),
  "a replay": readRecordedRun,
  "an inspector's size": (name) => fileBytes(name).size(),
  "an inspector's bytes": (name) => fileBytes(name).readAll([{ offset: 0, length: 100 }]),
  "a run that would replace it": (name) =>
    TraceWriter.create(name, headerOf({ layers: 1, kvHeads: 1 })),
};
const isWindows = process.platform === "win32" && "Windows has no such files";

test("what is no file is refused at once, by its name and kind", { skip: isWindows }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "rkv-trace-"));
  const pipe = path.join(folder, "pipe.rkvtrace");
  execFileSync("mkfifo", [pipe]);
  for (const [kind, name] of Object.entries({ pipe, device: "/dev/zero", folder }))
    for (const [who, read] of Object.entries(readers))
      await assert.rejects(
        read(name),
        ({ message }: Error) => message.includes(`${name} is a ${kind}`),
        `${who}, ${kind}`,
      );
});
