/** T5: the engine is killed or suspended while it loads, reads, thinks, evicts, writes or waits. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConversationStore } from "../../src/client/chat/conversationStore";
import type { Answer } from "../../src/shared/chat/chatState";
import { Random } from "../../src/shared/random";
import { bytesInMemory } from "../../src/shared/trace/byteSource";
import { TraceFormatError } from "../../src/shared/trace/format";
import { TraceReader } from "../../src/shared/trace/reader";
import { RealChat, shortQuestion } from "../support/realChat";
import type { Attack } from "./attack";
import { spread, tally } from "./figures";

const mostLanes = 4;
/** 95 of 100 messages come within this, and none after the last of them. */
const messageMillis = { SIGKILL: 1_000, SIGSTOP: 10_000 };
const latestMessageMillis = 10_000;
type Signal = keyof typeof messageMillis;
const signals: Signal[] = process.platform === "win32" ? ["SIGKILL"] : ["SIGKILL", "SIGSTOP"];

/** What the question leads to where nobody interferes. */
interface Undisturbed {
  answer: Answer;
  ids: number[];
  millis: number;
}

interface Blow {
  signal: Signal;
  /** Of the answer when it struck. */
  phase: string;
  /** Until the message that a person sees. */
  millis: number;
  trace: "whole" | "torn" | "not begun";
  /** The person had to choose “Start again”. */
  startedAgain: boolean;
}

export const engineKilled: Attack = {
  id: "T5",
  what: "the engine is killed or suspended at a random moment",
  goal: "host alive, message within 1 s in 95 of 100 cases (suspended: 10 s), no word lost, trace readable, next question answered",
  short: 4,
  long: 500,
  run: async (times, chance, tell) => {
    const undisturbed = await answerUndisturbed();
    const blows: Blow[] = [];
    let left = times;
    const lane = async (seed: number): Promise<void> => {
      const real = await RealChat.open();
      const random = new Random(seed);
      try {
        while (left-- > 0) {
          blows.push(await strike(real, undisturbed, random));
          if (blows.length % 20 === 0) tell(inWords(blows));
        }
        assert.deepEqual(real.chat.session.state.notices, [], "something was not stored");
      } finally {
        await real.close();
      }
    };
    const lanes = Math.min(mostLanes, times);
    await Promise.all(Array.from({ length: lanes }, () => lane(chance.integer(0, 2 ** 32 - 1))));
    for (const signal of signals) assertPrompt(blows, signal);
    return inWords(blows);
  },
};

async function answerUndisturbed(): Promise<Undisturbed> {
  const real = await RealChat.open();
  try {
    const began = performance.now();
    const answer = await real.answerTo(shortQuestion);
    const millis = performance.now() - began;
    assert.equal(answer.phase, "done", answer.error);
    const { ids, state } = await traceOf(real, answer);
    assert.equal(state, "whole");
    return { answer, ids, millis };
  } finally {
    await real.close();
  }
}

/** One blow, and all that must hold after it. */
async function strike(real: RealChat, undisturbed: Undisturbed, chance: Random): Promise<Blow> {
  const { session, supervisor } = real.chat;
  if (chance.next() < 0.5) await supervisor.unload();
  real.ask(shortQuestion);
  // Later than the end, too: an engine that waits for the next question can be hit as well.
  await sleep(chance.integer(0, 1.5 * undisturbed.millis));
  await real.until("engine to strike", () => supervisor.enginePid !== undefined);
  const { phase, thinking, text } = real.answer;
  const signal = chance.pick(signals);
  const began = performance.now();
  process.kill(supervisor.enginePid ?? assert.fail(), signal);
  await real.until(
    `message of ${signal} while ${phase}`,
    ({ engine }) => engine.kind === "failed" && !real.isAnswering,
    20_000,
  );
  const millis = performance.now() - began;
  assert.ok(millis <= latestMessageMillis, `${signal}: message after ${millis.toFixed(0)} ms`);
  await session.settled();
  assertKept(real.answer, { thinking, text }, undisturbed.answer);
  await assertStored(real);
  const { ids, state } = await traceOf(real, real.answer);
  assert.deepEqual(ids, undisturbed.ids.slice(0, ids.length), "the trace tells another run");
  const startedAgain = await assertAnswersNext(real);
  await forgetAll(real);
  return { signal, phase, millis, trace: state, startedAgain };
}

/** No word that was seen is gone, none is there twice, and the answer says how it ended. */
function assertKept(
  after: Answer,
  seen: Pick<Answer, "thinking" | "text">,
  whole: Pick<Answer, "thinking" | "text">,
): void {
  for (const channel of ["thinking", "text"] as const) {
    assert.ok(after[channel].startsWith(seen[channel]), `${channel} lost words`);
    assert.ok(whole[channel].startsWith(after[channel]), `${channel} is another text`);
  }
  if (after.phase === "done") assert.equal(after.text, whole.text);
  else assert.match(after.error ?? "", /^The engine .+\.$/s);
}

async function assertStored({ chat, storage }: RealChat): Promise<void> {
  const { conversation } = chat.session.state;
  const store = new ConversationStore(path.join(storage, "conversations"), assert.fail);
  const stored = await store.read(conversation.id);
  assert.deepEqual(stored?.turns, JSON.parse(JSON.stringify(conversation.turns)));
}

/** The ids of the reply, as far as the trace tells them. */
async function traceOf(
  { chat }: RealChat,
  answer: Answer,
): Promise<{ ids: number[]; state: Blow["trace"] }> {
  const bytes = await readFile(chat.traces.fileOf(answer.id)).catch(() => undefined);
  const reader = bytes && (await TraceReader.open(bytesInMemory(bytes)).catch(notBegun));
  if (!reader) return { ids: [], state: "not begun" };
  const ids: number[] = [];
  await reader.refresh((item) => {
    if (item.type === "tokens" && !item.isPrompt) ids.push(...item.ids);
  });
  const { problem } = reader.recovery;
  if (problem !== undefined) assert.match(problem, /is cut within its record/);
  return { ids, state: problem === undefined ? "whole" : "torn" };
}

/** Its header is written in one piece: without it the file is empty or cut within it. */
function notBegun(error: unknown): undefined {
  assert.ok(error instanceof TraceFormatError, String(error));
}

/** True where the person had to choose “Start again” first. */
async function assertAnswersNext(real: RealChat): Promise<boolean> {
  const whole = real.maxTokens;
  real.maxTokens = 24;
  try {
    const answer = await real.answerTo(shortQuestion);
    if (answer.phase === "done") return false;
    assert.match(answer.error ?? "", /crashed \d+ times .* Choose “Start again”/);
    real.chat.supervisor.allowAnotherTry();
    const again = await real.answerTo(shortQuestion);
    assert.equal(again.phase, "done", again.error);
    return true;
  } finally {
    real.maxTokens = whole;
  }
}

async function forgetAll({ chat }: RealChat): Promise<void> {
  for (const { id } of [...chat.session.state.conversations]) await chat.session.delete(id);
}

function assertPrompt(blows: readonly Blow[], signal: Signal): void {
  const millis = blows.filter((blow) => blow.signal === signal).map((blow) => blow.millis);
  const late = millis.filter((each) => each > messageMillis[signal]);
  assert.ok(
    late.length <= millis.length / 20,
    `${signal}: ${late.length} of ${millis.length} messages came late, ${spread(millis)}`,
  );
}

function inWords(blows: readonly Blow[]): string {
  const of = (signal: Signal) => blows.filter((blow) => blow.signal === signal);
  const [killed, stopped] = [of("SIGKILL"), of("SIGSTOP")];
  const parts = [
    `${killed.length} killed, message ${spread(killed.map(({ millis }) => millis))}`,
    `${stopped.length} suspended, message ${spread(stopped.map(({ millis }) => millis))}`,
    `struck while ${tally(blows.map(({ phase }) => phase))}`,
    `traces ${tally(blows.map(({ trace }) => trace))}`,
    `“Start again” ${blows.filter(({ startedAgain }) => startedAgain).length} times`,
  ];
  return `${parts.join("; ")}; 0 words lost, ${blows.length} of ${blows.length} next questions answered`;
}
