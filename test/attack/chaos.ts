/** T23: one fault after the other, of any kind, in a chat that somebody goes on using. */
import assert from "node:assert/strict";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../src/shared/random";
import { policyNames } from "../../src/shared/settings/settings";
import { RealChat, shortQuestion } from "../support/realChat";
import type { Attack } from "./attack";
import { tally } from "./figures";

/** While an answer is being written. It may fail, but it ends, and the next question is answered. */
const faults: Record<string, (real: RealChat, chance: Random) => Promise<void>> = {
  "engine killed": (real) => signal(real, "SIGKILL"),
  "engine suspended": (real) => signal(real, "SIGSTOP"),
  "engine crashed": (real) => signal(real, "SIGSEGV"),
  "model unloaded": ({ chat }) => chat.supervisor.unload(),
  stopped: ({ chat }) => chat.session.stop(),
  "settings changed": ({ chat }, chance) =>
    chat.session.configure({
      policy: chance.pick(policyNames),
      budget: { kind: "count", slots: chance.integer(16, 400) },
    }),
  "conversation deleted": ({ chat }) => chat.session.delete(chat.session.state.conversation.id),
  "conversation damaged": async ({ storage }, chance) => {
    const folder = path.join(storage, "conversations");
    const names = await readdir(folder).catch(() => []);
    if (names.length > 0) await writeFile(path.join(folder, chance.pick(names)), '{"turns":[{}]}');
  },
  "traces removed": ({ storage }) =>
    rm(path.join(storage, "traces"), { recursive: true, force: true }),
  "a file where traces belong": async ({ storage }) => {
    const traces = path.join(storage, "traces");
    await rename(traces, `${traces} ${Date.now()}`).catch(() => undefined);
    await writeFile(traces, "");
  },
};
/** What no person can do on Windows. */
const withoutSignals = ["engine suspended", "engine crashed"];
const latestFaultMillis = 2_500;
const noticeMillis = 20_000;

export const chaos: Attack = {
  id: "T23",
  what: "a random fault after the other, in a chat that goes on",
  goal: "the host lives, every answer ends, no promise is rejected unseen, the next question is answered",
  short: 4,
  long: 200,
  run: async (times, chance, tell) => {
    const names = Object.keys(faults).filter(
      (name) => process.platform !== "win32" || !withoutSignals.includes(name),
    );
    const real = await RealChat.open();
    const done: string[] = [];
    try {
      for (let turn = 0; turn < times; turn++) {
        const name = chance.pick(names);
        await strike(real, name, chance);
        done.push(name);
        tell(`${turn + 1} of ${times}: ${name}`);
      }
      return `${tally(done)}; ${times} of ${times} next questions answered`;
    } finally {
      await real.close();
    }
  },
};

async function strike(real: RealChat, name: string, chance: Random): Promise<void> {
  const { session, supervisor } = real.chat;
  if (chance.next() < 0.3) await supervisor.unload();
  real.maxTokens = 4_096;
  real.ask(shortQuestion);
  await sleep(chance.integer(0, latestFaultMillis));
  await faults[name](real, chance);
  await real.until(`end of the answer after “${name}”`, () => !session.isRunning, 60_000);
  await rm(path.join(real.storage, "traces"), { force: true }).catch(() => undefined);
  supervisor.allowAnotherTry(); // What a person chooses where the engine crashed too often.
  real.maxTokens = 24;
  const { phase, error } = await real.answerTo(shortQuestion);
  assert.equal(phase, "done", `after “${name}”: ${error}`);
}

/** Resolves when the chat has noticed: nobody asks in the moment in between. */
async function signal(real: RealChat, name: NodeJS.Signals): Promise<void> {
  const { supervisor } = real.chat;
  const { enginePid } = supervisor;
  if (enginePid === undefined) return;
  process.kill(enginePid, name);
  const isNoticed = () => supervisor.enginePid !== enginePid;
  await real.until(`notice of ${name}`, isNoticed, noticeMillis);
}
