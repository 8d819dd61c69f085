/** T18: strangers at the browser host's door, and a page of its own that has gone mad. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import type { Conversation } from "../../src/shared/chat/chatState";
import type { Random } from "../../src/shared/random";
import { newTurn } from "../../src/client/chat/newConversation";
import type { Attack } from "./attack";
import { type Door, strangersRequest } from "./strangersRequest";

const atOnce = 20;
const deadlineMillis = 20_000;
/** Every so many tries one is the mad page's. */
const triesPerPage = 10;
/** In the stored conversation and in its trace; no stranger may ever read it. */
const secret = "the-secret-of-the-chat";

export const localServer: Attack = {
  id: "T18",
  what: "hostile requests and upgrades on the running browser host, cut and reset at any byte",
  goal: "the host lives, and not one reaches chat or trace",
  short: 400,
  long: 10_000,
  run: async (times, chance, tell) => {
    const storage = mkdtempSync(path.join(tmpdir(), "rkv-lens-attack-"));
    const answer = store(storage);
    const host = await startHost(storage);
    try {
      const counts = { refused: 0, broken: 0, page: 0 };
      for (let done = 0; done < times; done += atOnce) {
        const count = Math.min(atOnce, times - done);
        await Promise.all(
          Array.from({ length: count }, async (_, i) => {
            const isPages = (done + i) % triesPerPage === 0;
            counts[isPages ? await madPage(host, chance) : await stranger(host, answer, chance)]++;
          }),
        );
        assert.equal(host.process.exitCode ?? host.process.signalCode, null, "the host ended");
        if (done % 1_000 === 0) tell(`${done} tries`);
      }
      await assertServes(host);
      return `${times} tries (${counts.refused} refused, ${counts.broken} cut or reset, ${counts.page} of a mad page): alive, none got in`;
    } finally {
      host.process.kill("SIGKILL");
      rmSync(storage, { recursive: true, maxRetries: 5 });
    }
  },
};

interface Host extends Door {
  process: ChildProcess;
  cookie: string;
}

/** A conversation with a trace; returns the id of its answer. */
function store(storage: string): string {
  const turn = newTurn({ text: secret, attachments: [] }, "a model");
  const answer = { ...turn.answer, phase: "done" as const, text: secret };
  const conversation: Conversation = {
    id: randomUUID(),
    title: secret,
    draft: "",
    createdAt: 1,
    updatedAt: 1,
    turns: [{ ...turn, answer }],
  };
  for (const folder of ["conversations", "traces"]) mkdirSync(path.join(storage, folder));
  const file = path.join(storage, "conversations", `${conversation.id}.json`);
  writeFileSync(file, JSON.stringify(conversation));
  writeFileSync(path.join(storage, "traces", `${answer.id}.rkvtrace`), secret);
  return answer.id;
}

async function startHost(storage: string): Promise<Host> {
  const args = ["dist/cli.js", "serve", "--no-open", "--storage", storage];
  const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(createInterface(host.stdout), "line")) as [string];
  host.stdout.resume();
  const address = new URL(/http:\S+/.exec(line)?.[0] ?? "");
  const response = await fetch(address);
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return {
    process: host,
    port: Number(address.port),
    cookie,
    spentToken: address.searchParams.get("token") ?? "",
  };
}

/** One try of somebody without the cookie. */
async function stranger(host: Host, answer: string, chance: Random): Promise<"refused" | "broken"> {
  const request = strangersRequest(host, answer, chance);
  const cut = chance.next() < 0.3 ? chance.integer(0, request.length) : request.length;
  const reply = await exchange(host.port, request.subarray(0, cut), chance);
  const read = reply.toString("latin1");
  const got = JSON.stringify({ request: request.toString("latin1").slice(0, 300), read });
  assert.doesNotMatch(read, /HTTP\/1\.1 (101|2|3)/, got);
  assert.doesNotMatch(read, /set-cookie/i, got);
  assert.ok(!read.includes(secret), got);
  return read.startsWith("HTTP/1.1 4") ? "refused" : "broken";
}

/** Sends bytes, then waits for the reply, or breaks off at some moment; what came until then. */
async function exchange(port: number, bytes: Buffer, chance: Random): Promise<Buffer> {
  const socket = net.connect(port, "127.0.0.1");
  const patience = chance.pick([0, 0, 1, 5, 30, 100]);
  const end = chance.pick(["reset", "reset", "destroy", "end"] as const);
  const pieces: Buffer[] = [];
  socket.on("error", () => undefined).on("data", (piece: Buffer) => pieces.push(piece));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await Promise.race([once(socket, "connect"), closed]);
  socket.write(bytes);
  const leave = setTimeout(() => {
    if (end === "reset") socket.resetAndDestroy();
    else if (end === "destroy") socket.destroy();
    else socket.end();
    setTimeout(() => socket.destroy(), 50);
  }, patience);
  await closed;
  clearTimeout(leave);
  return Buffer.concat(pieces);
}

const methods = [
  ...["subscribe", "send", "stop", "regenerate", "editAndResend", "newConversation", "search"],
  ...["openConversation", "renameConversation", "deleteConversation", "exportConversation"],
  ...["choices", "choose", "pick", "setPinPrompt", "attachFile", "insertAtCursor", "copy"],
  ...["removeAttachment", "openInspector", "openLink", "saveDraft", "closeNotices"],
  ...[
    "open",
    "follow",
    "openAnother",
    "lookAt",
    "readRanges",
    "watch",
    "replay",
    "cancelReplay",
    "pickComparison",
    "saveFile",
  ],
  ...["$/cancelRequest", "$/progress", "$/setTrace", "toString", "__proto__"],
];

/** A page with the cookie that sends anything but questions, and leaves in any way. */
async function madPage({ port, cookie }: Host, chance: Random): Promise<"page"> {
  const place = chance.pick([
    "/rpc/chat",
    "/rpc/inspector",
    "/rpc/inspector?follow=&tab=1",
    `/rpc/inspector?answer=${"é".repeat(300)}`,
  ]);
  const socket = new WebSocket(`ws://127.0.0.1:${port}${encodeURI(place)}`, {
    headers: { cookie, origin: `http://127.0.0.1:${port}` },
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  await Promise.race([once(socket, "open"), closed]);
  const isOpen = () => socket.readyState === socket.OPEN;
  for (let i = chance.integer(0, 5); i > 0 && isOpen(); i--) socket.send(madMessage(chance));
  const leave = chance.pick([
    () => socket.close(chance.pick([1000, 1001, 3000, 4999]), "x".repeat(chance.integer(0, 123))),
    () => socket.terminate(),
    () => (Reflect.get(socket, "_socket") as net.Socket | undefined)?.resetAndDestroy(),
    () => (Reflect.get(socket, "_socket") as net.Socket | undefined)?.end("\xff\xff\xff"),
  ]);
  if (isOpen()) leave();
  setTimeout(() => socket.terminate(), 200);
  await closed;
  return "page";
}

function madMessage(chance: Random): string | Buffer {
  const garbage = [null, -1, 1e308, {}, [], [[]], true, { id: {} }, { trace: {}, offset: -1 }];
  const params = chance.pick<unknown>([...garbage, { text: 5 }, { id: 1 }, { what: "x" }]);
  const message = {
    jsonrpc: "2.0",
    id: chance.pick<unknown>([1, "x", null, {}, undefined]),
    params,
  };
  return chance.pick<string | Buffer>([
    JSON.stringify({ ...message, method: chance.pick(methods) }),
    JSON.stringify({ ...message, method: chance.pick(methods) }),
    JSON.stringify({ ...message, result: params }),
    JSON.stringify({ ...message, error: params }),
    JSON.stringify(params),
    Buffer.from(Array.from({ length: chance.integer(0, 64) }, () => chance.integer(0, 255))),
  ]);
}

/** The person's own page still gets in and finds the conversation. */
async function assertServes({ port, cookie }: Host): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMillis);
  const origin = `http://127.0.0.1:${port}`;
  assert.equal((await fetch(origin, { headers: { cookie }, signal })).status, 200);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc/chat`, { headers: { cookie, origin } });
  await once(socket, "open", { signal });
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: null }));
  const [state] = (await once(socket, "message", { signal })) as [Buffer];
  assert.ok(state.toString().includes(secret), "the stored conversation is not shown");
  socket.terminate();
}
