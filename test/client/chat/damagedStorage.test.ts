/** 100 kinds of damage to what the chat stores: it starts every time, names it, and has all the rest. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { type BrowserChat, createBrowserChat } from "../../../src/cli/serve/browserChat";
import { newTurn } from "../../../src/client/chat/newConversation";
import type { Answer, Conversation } from "../../../src/shared/chat/chatState";
import { defaultCacheChoice } from "../../../src/shared/settings/settings";

const root = mkdtempSync(path.join(tmpdir(), "rkv-lens-test-"));
after(() => rmSync(root, { recursive: true }));

const damagedId = randomUUID();

function stored(id: string, title: string): Conversation {
  const turn = newTurn({ text: "How many?", attachments: [] }, "a model");
  const answer: Answer = { ...turn.answer, phase: "done", text: "Nine." };
  return { id, title, createdAt: 1, updatedAt: 2, draft: "", turns: [{ ...turn, answer }] };
}

/** Something in place of a file: its content, or what makes it. */
type Damage = string | Buffer | ((file: string) => void);

function changed(change: (conversation: Record<string, unknown>) => void): string {
  const conversation = JSON.parse(JSON.stringify(stored(damagedId, "damaged"))) as object;
  change(conversation as Record<string, unknown>);
  return JSON.stringify(conversation);
}

/** The only turn, its question or its answer with one thing in it as it may not be. */
function withPart(part: "turn" | "question" | "answer", name: string, value: unknown): string {
  return changed(({ turns }) => {
    const [turn] = turns as Record<string, Record<string, unknown>>[];
    Object.assign(part === "turn" ? turn : turn[part], { [name]: value });
  });
}

const pipe = (file: string): void => void execFileSync("mkfifo", [file]);
const folder = (file: string): void =>
  void mkdirSync(path.join(file, "inside"), { recursive: true });
const linkTo = (target: string) => (file: string) => symlinkSync(target, file);
const whole = JSON.stringify(stored(damagedId, "damaged"));
const notStrings: unknown[] = [undefined, null, 5, {}, ["x"]];
const notLists: unknown[] = [undefined, null, "x", {}, 5];

/** What may lie in the place of any of our files. */
const anyFile: [string, Damage][] = [
  ["empty", ""],
  ["blank", " \n"],
  ["zeros", Buffer.alloc(4_096)],
  ["no UTF-8", Buffer.from([0x22, 0xc3, 0x28, 0x22])],
  ["UTF-16", Buffer.from(whole, "utf16le")],
  ["random bytes", Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7_919) % 256))],
  ["null", "null"],
  ["a number", "1e999"],
  ["a string", '"conversation"'],
  ["a list", "[]"],
  ["deep", "[".repeat(100_000)],
  ["another JSON", '{"name":"package"}'],
  ["a prototype", '{"__proto__":{"turns":[]},"constructor":1}'],
  ["100 MB", (file) => (writeFileSync(file, ""), truncateSync(file, 100 * 1024 * 1024))],
  ["a folder", folder],
  ["a pipe", pipe],
  ["a device", linkTo("/dev/zero")],
  ["a link in a circle", (file) => symlinkSync(path.basename(file), file)],
  ["a link to nowhere", linkTo("nowhere")],
  ["a link to a folder", linkTo("/")],
];

const conversations: [string, Damage][] = [
  ...anyFile,
  ["what the review found", '{"turns":[{}]}'],
  ["no turns", "{}"],
  ["two in one", whole + whole],
  ["a mark before it", `\uFEFF\uFEFF${whole}`],
  ...[0.1, 0.5, 0.9].map((share): [string, Damage] => [
    `cut at ${share}`,
    whole.slice(0, whole.length * share),
  ]),
  ...notStrings.map((value): [string, Damage] => [
    `the title ${JSON.stringify(value)}`,
    changed((conversation) => Object.assign(conversation, { title: value })),
  ]),
  ...[...notStrings, "../../etc", randomUUID()].map((value): [string, Damage] => [
    `the id ${JSON.stringify(value)?.slice(0, 10)}`,
    changed((conversation) => Object.assign(conversation, { id: value })),
  ]),
  ...[...notLists, [null], [5], [[]], [{ id: "x" }]].map((value): [string, Damage] => [
    `the turns ${JSON.stringify(value)}`,
    changed((conversation) => Object.assign(conversation, { turns: value })),
  ]),
  ...(["id", "question", "answer"] as const).map((name): [string, Damage] => [
    `a turn without ${name}`,
    withPart("turn", name, undefined),
  ]),
  ...notStrings.map((value): [string, Damage] => [
    `a question's text ${JSON.stringify(value)}`,
    withPart("question", "text", value),
  ]),
  ...[...notLists, [{}]].map((value): [string, Damage] => [
    `attachments ${JSON.stringify(value)}`,
    withPart("question", "attachments", value),
  ]),
  ...["text", "thinking"].flatMap((name) =>
    notStrings.map((value): [string, Damage] => [
      `an answer's ${name} ${JSON.stringify(value)}`,
      withPart("answer", name, value),
    ]),
  ),
  ...[undefined, "asleep", 5].map((value): [string, Damage] => [
    `the phase ${JSON.stringify(value)}`,
    withPart("answer", "phase", value),
  ]),
  ...[undefined, "x", "../../../../../../../../etc/passwd", 5].map((value): [string, Damage] => [
    `an answer's id ${JSON.stringify(value)}`,
    withPart("answer", "id", value),
  ]),
];

const cache = defaultCacheChoice;
const choices: [string, Damage][] = [
  ...anyFile,
  ["no model", JSON.stringify({ cache })],
  ["no cache", JSON.stringify({ model: "x" })],
  ["another policy", JSON.stringify({ model: "x", cache: { ...cache, policy: "x" } })],
  ["a cut file", JSON.stringify({ model: "x", cache }).slice(0, 40)],
];

const folders: [string, Damage][] = [
  ["a file", "not a folder"],
  ["a pipe", pipe],
  ["a link to nowhere", linkTo("nowhere")],
  ["a link in a circle", (file) => symlinkSync(path.basename(file), file)],
];

let count = 0;

function newStorage(): string {
  const storage = path.join(root, String(count++));
  mkdirSync(storage);
  return storage;
}

function inflict(damage: Damage, file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  if (typeof damage === "function") damage(file);
  else writeFileSync(file, damage);
}

async function started(storage: string): Promise<BrowserChat["chat"]> {
  const { chat } = await createBrowserChat({
    engineScript: "none",
    bundledModel: "/models/none",
    device: "cpu",
    storage,
    log: () => undefined,
  });
  return chat;
}

/** Starts twice: the first start names the damage, the second finds none. */
async function assertSetAside(storage: string, file: string, name: string): Promise<void> {
  const before = lstatSync(file);
  const chat = await started(storage);
  const { notices } = chat.session.state;
  assert.equal(notices.length, 1, `${name}: ${notices.join(" ")}`);
  assert.ok(notices[0].startsWith(`${file} cannot be used (`), notices[0]);
  assert.ok(notices[0].includes(`It is kept as ${path.basename(file)}.damaged-1;`), notices[0]);
  assert.equal(lstatSync(`${file}.damaged-1`).ino, before.ino, name);
  chat.session.closeNotices();
  assert.deepEqual((await started(storage)).session.state.notices, []);
}

describe(
  "the chat starts, and names what it set aside",
  { skip: process.platform === "win32" },
  () => {
    test("there are 100 kinds of damage and more", () => {
      assert.ok(conversations.length + choices.length + 2 * folders.length >= 100);
    });

    test(`a conversation of ${conversations.length} kinds; the others are loaded`, async () => {
      for (const [name, damage] of conversations) {
        const storage = newStorage();
        const good = stored(randomUUID(), "whole");
        const file = path.join(storage, "conversations", `${damagedId}.json`);
        inflict(damage, file);
        inflict(JSON.stringify(good), path.join(storage, "conversations", `${good.id}.json`));
        await assertSetAside(storage, file, name);
        const { session } = await started(storage);
        assert.deepEqual(session.state.conversation, JSON.parse(JSON.stringify(good)), name);
        assert.equal(session.state.conversations.length, 1, name);
      }
    });

    test(`choices of ${choices.length} kinds`, async () => {
      for (const [name, damage] of choices) {
        const storage = newStorage();
        const file = path.join(storage, "choices.json");
        inflict(damage, file);
        await assertSetAside(storage, file, name);
      }
    });

    test(`${folders.length} other things in the folders' places; then they can be written to`, async () => {
      for (const place of ["conversations", "traces"])
        for (const [name, damage] of folders) {
          const storage = newStorage();
          inflict(damage, path.join(storage, place));
          await assertSetAside(storage, path.join(storage, place), `${place}: ${name}`);
          assert.deepEqual(readdirSync(path.join(storage, place)), []);
        }
    });
  },
);

test("a second damage of one name gets the next number, and nothing is overwritten", async () => {
  const storage = newStorage();
  const file = path.join(storage, "choices.json");
  for (const content of ["first", "second"]) {
    writeFileSync(file, content);
    await started(storage);
  }
  assert.equal(readFileSync(`${file}.damaged-1`, "utf8"), "first");
  assert.equal(readFileSync(`${file}.damaged-2`, "utf8"), "second");
});

test("what a newer version added to a conversation is still there after a change", async () => {
  const storage = newStorage();
  const file = path.join(storage, "conversations", `${damagedId}.json`);
  inflict(withPart("answer", "mood", "good"), file);
  const { session } = await started(storage);
  await session.rename(damagedId, "renamed");
  assert.match(readFileSync(file, "utf8"), /"title":"renamed".*"mood":"good"/);
});

test("a conversation whose figures alone are damaged is loaded without them", async () => {
  const storage = newStorage();
  const file = path.join(storage, "conversations", `${damagedId}.json`);
  const figures = {
    figures: "x",
    gauge: [{}, 5],
    end: { tokens: null },
    startedAt: "x",
    notices: 5,
  };
  const damaged = changed(({ turns }) => {
    const [{ answer }] = turns as { answer: object }[];
    Object.assign(answer, figures);
  });
  inflict(damaged, file);
  const { session } = await started(storage);
  assert.deepEqual(session.state.notices, []);
  const { answer } = session.state.conversation.turns[0];
  assert.equal(answer.text, "Nine.");
  assert.deepEqual([answer.figures, answer.gauge, answer.notices], [undefined, [], []]);
  assert.deepEqual([answer.startedAt, answer.end?.tokens, answer.end?.stopReason], [0, 0, "end"]);
});

test(
  "traces of any kind keep no new one from being written",
  { skip: process.platform === "win32" },
  async () => {
    const storage = newStorage();
    const traces = path.join(storage, "traces");
    for (const make of [pipe, folder, linkTo("nowhere")])
      inflict(make, path.join(traces, `${randomUUID()}.rkvtrace`));
    const chat = await started(storage);
    assert.deepEqual(chat.session.state.notices, []);
    const answer = randomUUID();
    const file = await chat.traces.makeRoom(answer);
    assert.equal(file, path.join(traces, `${answer}.rkvtrace`));
    for (const name of readdirSync(traces))
      assert.equal(await chat.traces.sizeOf(path.basename(name, ".rkvtrace")), undefined);
  },
);

test("what cannot be stored is said, once, and the chat goes on", async () => {
  const storage = path.join(newStorage(), "file");
  writeFileSync(storage, "a file in the place of the storage");
  const chat = await started(storage);
  const told = chat.session.state.notices.join("\n");
  assert.match(told, /conversations cannot be read \(ENOTDIR.*: conversations are not kept/);
  assert.match(told, /Traces cannot be kept \(ENOTDIR/);
  chat.session.closeNotices();
  for (let i = 0; i < 3; i++) {
    chat.session.send("one two");
    await chat.session.settled();
  }
  const [notice, ...more] = chat.session.state.notices;
  assert.match(notice, /^The conversation cannot be stored \(ENOTDIR\) and lasts as long as/);
  assert.deepEqual(more, []);
  assert.ok(!existsSync(path.join(storage, "conversations")));
  chat.dispose();
});
