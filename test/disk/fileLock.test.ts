import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { FileLock, pruneLocks } from "../../src/disk/fileLock";
import { type ProcessIdentity, thisProcess } from "../../src/disk/processIdentity";
import { Racers } from "../support/racers";
import { until } from "../support/within";

const folder = mkdtempSync(path.join(tmpdir(), "rkv-lens-test-"));
after(() => rmSync(folder, { recursive: true }));

const longAgo = new Date(Date.now() - 11 * 60_000);
const tellsBirths =
  process.platform === "linux" ? false : "only Linux says when a process was born";

function newFile(): string {
  return path.join(folder, randomUUID());
}

/** A lock file as another holder would have left it; returns its id. */
function leave(name: string, holder: ProcessIdentity, at = new Date()): string {
  const id = randomUUID();
  writeFileSync(name, JSON.stringify({ id, holder }));
  utimesSync(name, at, at);
  return id;
}

const dead = async () => ({ ...(await thisProcess()), pid: 2 ** 22 + 1 });
const elsewhere = async () => ({ ...(await thisProcess()), place: "another machine" });

async function canTake(file: string): Promise<boolean> {
  const lock = await FileLock.take(file);
  await lock?.release();
  return lock !== undefined;
}

function leftOf(file: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(path.basename(file)));
}

test("one holds a file at a time, and nothing is left when it lets go", async () => {
  const file = newFile();
  const lock = await FileLock.take(file);
  assert.ok(lock);
  assert.equal(await FileLock.take(file), undefined);
  await lock.release();
  assert.ok(await canTake(file));
  assert.deepEqual(leftOf(file), []);
});

test("another process's lock holds until that is killed", { skip: tellsBirths }, async () => {
  const file = newFile();
  const racers = new Racers(1);
  assert.deepEqual(await racers.all({ kind: "take", file, at: 0 }), [{ won: 1, notAlone: 0 }]);
  assert.ok(!(await canTake(file)));
  await racers.kill();
  assert.ok(await canTake(file));
  assert.deepEqual(leftOf(file), []);
});

test(
  "a process that got the id of a dead holder is not taken for it",
  { skip: tellsBirths },
  async () => {
    const file = newFile();
    leave(`${file}.lock`, { ...(await thisProcess()), pid: process.ppid });
    assert.ok(await canTake(file));
  },
);

test("a holder that cannot be looked up holds as long as its heart beats", async () => {
  const holders = [await elsewhere(), { ...(await thisProcess()), born: undefined }];
  for (const holder of holders) {
    const file = newFile();
    leave(`${file}.lock`, holder);
    assert.ok(!(await canTake(file)));
    utimesSync(`${file}.lock`, longAgo, longAgo);
    assert.ok(await canTake(file));
  }
});

test("a lock that does not say whose it is may be in the making, and is old some day", async () => {
  for (const content of ["", "{", '{"pid":1,"startedAt":0}', "12345", '{"id":"../../x"}']) {
    const file = newFile();
    writeFileSync(`${file}.lock`, content);
    assert.ok(!(await canTake(file)), content);
    utimesSync(`${file}.lock`, longAgo, longAgo);
    assert.ok(await canTake(file), content);
    assert.deepEqual(leftOf(file), []);
  }
});

test("the heart beats", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const file = newFile();
  const lock = await FileLock.take(file);
  utimesSync(`${file}.lock`, longAgo, longAgo);
  t.mock.timers.tick(60_000);
  await until(() => statSync(`${file}.lock`).mtimeMs > Date.now() - 60_000);
  await lock?.release();
});

test("who takes over from the dead and dies is succeeded as well", async () => {
  const file = newFile();
  const first = leave(`${file}.lock`, await dead());
  const second = leave(`${file}.lock.after-${first}`, await dead());
  assert.ok(await canTake(file));
  assert.deepEqual(leftOf(file), []);

  leave(`${file}.lock`, await dead());
  writeFileSync(`${file}.lock.after-${second}`, "of an older chain");
  assert.ok(await canTake(file));
});

test("who is taking over from the dead holds already", async () => {
  const file = newFile();
  const first = leave(`${file}.lock`, await dead());
  leave(`${file}.lock.after-${first}`, await thisProcess());
  assert.ok(!(await canTake(file)));
});

test("the locks of the dead do not pile up, and those of the living stay", async () => {
  const own = path.join(folder, "traces");
  mkdirSync(own);
  for (let i = 0; i < 5; i++) leave(path.join(own, `${i}.rkvtrace.lock`), await dead());
  leave(path.join(own, `6.rkvtrace.lock.after-${randomUUID()}`), await dead());
  const drafts = [0, 1].map(() => `9.rkvtrace.lock.${randomUUID()}.draft`);
  for (const draft of drafts) writeFileSync(path.join(own, draft), "");
  utimesSync(path.join(own, drafts[0]), longAgo, longAgo);
  mkdirSync(path.join(own, "7.rkvtrace.lock"));
  utimesSync(path.join(own, "7.rkvtrace.lock"), longAgo, longAgo);
  writeFileSync(path.join(own, "8.rkvtrace"), "a trace");
  const lock = await FileLock.take(path.join(own, "8.rkvtrace"));
  await pruneLocks(own);
  const left = ["7.rkvtrace.lock", "8.rkvtrace", "8.rkvtrace.lock", drafts[1]];
  assert.deepEqual(readdirSync(own).sort(), left);
  await lock?.release();
});

test("what is in a lock's place and is none is named", async () => {
  const [folderThere, linkThere] = [newFile(), newFile()];
  mkdirSync(`${folderThere}.lock`);
  utimesSync(`${folderThere}.lock`, longAgo, longAgo);
  await assert.rejects(FileLock.take(folderThere), /EISDIR|ENOTDIR/);
  symlinkSync("nowhere", `${linkThere}.lock`);
  await assert.rejects(FileLock.take(linkThere), /can be neither read nor replaced; remove it/);
  await assert.rejects(FileLock.take(path.join(folder, "no", "folder")), /ENOENT/);
});
