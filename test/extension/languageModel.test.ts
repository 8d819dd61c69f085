/** The model as other extensions meet it: an answer in pieces without its thinking, and a cancel. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { CancellationTokenSource, LanguageModelTextPart } from "vscode";
import { EngineSupervisor } from "../../src/client/engine/engineSupervisor";
import { LanguageModel } from "../../src/extension/languageModel";
import type { Models } from "../../src/extension/models";
import { bundle } from "../support/bundle";
import { openWindow, written } from "../support/fakeVscode";

const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-model-"));
const supervisor = new EngineSupervisor({
  script: bundle("test/support/fakeEngine.ts"),
  idleMillis: () => 0,
  onStatus: () => undefined,
  onNotice: () => undefined,
});
const models = { current: () => ({ folder, name: "tiny", device: "cpu" }) } as unknown as Models;
const model = new LanguageModel(models, () => Promise.resolve(supervisor));

beforeEach(openWindow);
after(async () => {
  await supervisor.unload();
  rmSync(folder, { recursive: true });
});

/** The pieces of the answer, and what stops it. */
async function ask(question: string, onPiece?: (source: CancellationTokenSource) => void) {
  const [information] = await model.information();
  const source = new CancellationTokenSource();
  const pieces: string[] = [];
  const progress = {
    report: (part: unknown) => {
      assert.ok(part instanceof LanguageModelTextPart);
      pieces.push(part.value);
      onPiece?.(source);
    },
  };
  const message = { role: 1, name: undefined, content: [new LanguageModelTextPart(question)] };
  await model.respond(information, [message], progress, source.token);
  return pieces;
}

test("its context is what the model's files say, half of it for the answer at most", async () => {
  writeFileSync(path.join(folder, "config.json"), '{"max_position_embeddings":2048}');
  const [{ id, maxInputTokens, maxOutputTokens }] = await model.information();
  assert.deepEqual([id, maxInputTokens, maxOutputTokens], ["tiny", 1024, 1024]);
  written.user.set("rkv.generation.maxTokens", 48);
  const [shorter] = await model.information();
  assert.deepEqual([shorter.maxInputTokens, shorter.maxOutputTokens], [2000, 48]);
});

test("the answer comes in pieces, and the thinking does not", async () => {
  assert.deepEqual(await ask("one two three four"), ["three ", "four "]);
});

test("a cancel ends it with what there is, and the next question is answered", async () => {
  const question = `${"thought ".repeat(40)}${"slow ".repeat(40)}`.trim();
  const pieces = await ask(question, (source) => source.cancel());
  assert.ok(pieces.length > 0 && pieces.length < 40, `${pieces.length} pieces`);
  assert.deepEqual(await ask("one two"), ["two "]);
});

test("tokens are counted by the model itself", async () => {
  assert.equal(await model.countTokens("one two three"), 3);
});
