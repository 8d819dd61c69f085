/** T14: several windows at once. Processes race for one lock; two chats share one storage. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserChat, createBrowserChat } from "../../src/cli/serve/browserChat";
import { pruneLocks } from "../../src/disk/fileLock";
import { type ProcessIdentity, thisProcess } from "../../src/disk/processIdentity";
import type { Random } from "../../src/shared/random";
import { bundle } from "../support/bundle";
import { Racers } from "../support/racers";
import type { Attack } from "./attack";

const racersAtOnce = 8;
/** Of so many races one is among processes that were killed while they fought for the lock. */
const racesPerKill = 50;

export const severalWindows: Attack = {
  id: "T14",
  what: "8 processes race for one lock, two chats share one storage",
  goal: "one winner each time, no file damaged, nothing left behind",
  short: 12,
  long: 1_000,
  run: async (times, chance, tell) => {
    const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-attack-"));
    try {
      const races = await race(times, chance, folder, tell);
      const operations = await shareStorage(times, chance, folder);
      return `${races}; ${operations}`;
    } finally {
      rmSync(folder, { recursive: true, maxRetries: 5 });
    }
  },
};

async function race(
  times: number,
  chance: Random,
  folder: string,
  tell: (progress: string) => void,
): Promise<string> {
  const racers = new Racers(racersAtOnce);
  let taken = 0;
  try {
    for (let i = 0; i < times; i++) {
      const file = path.join(folder, `${i}.rkvtrace`);
      if (i % racesPerKill === 0) taken += await fightAndDie(file, chance);
      else await leaveLock(`${file}.lock`, chance);
      const reports = await racers.all({ kind: "take", file, at: Date.now() + 3 });
      const winners = reports.filter(({ won }) => won === 1).length;
      assert.equal(winners, 1, `race ${i} had ${winners} winners`);
      await racers.all({ kind: "release" });
      if (i % 100 === 99) tell(`${i + 1} races`);
    }
    const file = path.join(folder, "fought.rkvtrace");
    taken += await fight(racers, file, Date.now() + Math.min(5_000, 100 * times));
  } finally {
    await racers.kill();
  }
  for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), 0, 0);
  await pruneLocks(folder);
  assert.deepEqual(readdirSync(folder), [], "locks were left behind");
  return `${times} races of ${racersAtOnce}, one winner each; a lock taken ${taken} times, never twice at once`;
}

/** A lock whose holder is gone, in one of the ways in which that can be. */
async function leaveLock(name: string, chance: Random): Promise<void> {
  const here = await thisProcess();
  const gone: ProcessIdentity = { ...here, pid: 2 ** 22 + 1 };
  const reused: ProcessIdentity = { ...here, born: "1" };
  const holder = chance.pick([gone, reused]);
  let file = name;
  for (let length = chance.integer(0, 3); length > 0; length--) {
    const id = randomUUID();
    writeFileSync(file, JSON.stringify({ id, holder }));
    file = `${name}.after-${id}`;
  }
  if (file !== name || chance.pick([true, false])) return;
  writeFileSync(name, "");
  utimesSync(name, 0, 0);
}

/** Processes that are killed at any moment of taking and letting go. */
async function fightAndDie(file: string, chance: Random): Promise<number> {
  const racers = new Racers(2);
  const taken = await fight(racers, file, Date.now() + 20);
  const fighting = racers.all({ kind: "fight", file, until: Date.now() + 60_000 });
  const ended = fighting.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, chance.integer(0, 50)));
  await racers.kill();
  await ended;
  rmSync(`${file}.witness`, { force: true });
  return taken;
}

async function fight(racers: Racers, file: string, until: number): Promise<number> {
  const reports = await racers.all({ kind: "fight", file, until });
  const notAlone = reports.reduce((sum, report) => sum + report.notAlone, 0);
  assert.equal(notAlone, 0, `${notAlone} times two held a lock at once`);
  return reports.reduce((sum, { won }) => sum + won, 0);
}

/** What a chat may answer because the other one was there first. */
const fair = /no longer stored|still being written/;

async function shareStorage(times: number, chance: Random, folder: string): Promise<string> {
  const storage = path.join(folder, "storage");
  const engineScript = bundle("test/support/fakeEngine.ts");
  const open = (): Promise<BrowserChat> =>
    createBrowserChat({
      engineScript,
      storage,
      device: "cpu",
      bundledModel: "/models/fake",
      log: () => undefined,
    });
  const chats = [await open(), await open()];
  try {
    for (let i = 0; i < times; i++) {
      const { chat } = chance.pick(chats);
      await anything(chat, chance).catch((error: unknown) => assert.match(String(error), fair));
    }
    await Promise.all(chats.map(({ chat }) => chat.session.settled()));
    const later = await open();
    chats.push(later);
    for (const { chat } of chats) assert.deepEqual(chat.session.state.notices, []);
    const stored = later.chat.session.state.conversations.length;
    return `${times} operations of two chats on one storage, ${stored} conversations whole`;
  } finally {
    for (const { chat } of chats) chat.dispose();
  }
}

async function anything({ session, host }: BrowserChat["chat"], chance: Random): Promise<void> {
  const { conversations, conversation } = session.state;
  const { id } = chance.pick([conversation, ...conversations]);
  switch (chance.integer(0, 6)) {
    case 0:
    case 1:
      return session.send("one two three four");
    case 2:
      return session.openNew();
    case 3:
      return session.open(id);
    case 4:
      return session.rename(id, "another title");
    case 5:
      return session.delete(id);
    default:
      await host.configure({ pinPrompt: chance.pick([true, false]) });
      return session.saveDraft(id, "half a thought");
  }
}
