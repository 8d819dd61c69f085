/**
 * A hub on this machine that misbehaves as it is told: each request for the big file takes the
 * next fault from the list, and a request without one is answered properly.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const faults = [
  "cut",
  "slow",
  "stall",
  "silence",
  "reset",
  "wrong bytes",
  "too short",
  "too long",
  "endless",
  "whole file",
  "another part",
  "other host",
  "no web address",
  "circle",
  "busy",
  "too many requests",
  "not satisfiable",
] as const;
export type Fault = (typeof faults)[number];

/** What it answers when it is asked for the files of a repository. */
export const listings = ["right", "endless", "many files", "sign-in page", "other JSON"] as const;
export type Listing = (typeof listings)[number];

export interface StandInHub {
  endpoint: string;
  content: Buffer;
  /** What it sends as config.json, which it announces as “{}”. */
  config: string;
  faults: Fault[];
  listing: Listing;
  /** Authorization headers that reached the hub, and those that reached the other host. */
  tokens: { hub: (string | undefined)[]; other: (string | undefined)[] };
  /** Bytes of the big file, or of an endless answer, that were sent. */
  sent: number;
  /** Settles when the newest endless answer was hung up on. */
  hungUp: Promise<unknown>;
  close(): void;
}

export const repository = "someone/model";
const graph = "onnx/model_q4.onnx";

export async function startHub(bytes = 400_000): Promise<StandInHub> {
  const content = Buffer.alloc(bytes, "weights ");
  const hub: StandInHub = {
    endpoint: "",
    content,
    config: "{}",
    faults: [],
    listing: "right",
    tokens: { hub: [], other: [] },
    sent: 0,
    hungUp: Promise.resolve(),
    close: () => [main, other].forEach((server) => void server.closeAllConnections()),
  };
  const other = createServer((request, response) => {
    hub.tokens.other.push(request.headers.authorization);
    sendFile(hub, request, response);
  });
  const otherAddress = await listen(other);
  const main = createServer((request, response) => {
    hub.tokens.hub.push(request.headers.authorization);
    answer(hub, otherAddress, request, response);
  });
  hub.endpoint = await listen(main);
  return hub;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(
  hub: StandInHub,
  other: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = request.url ?? "";
  const json = (value: unknown): void => void response.end(JSON.stringify(value));
  if (url.includes("/revision/")) return json({ sha: "a".repeat(40) });
  if (url.includes("/tree/")) return sendListing(hub, response);
  if (url.endsWith("config.json")) return void response.end(hub.config);
  if (!url.endsWith(graph)) return void response.writeHead(404).end();
  const fault = hub.faults.shift();
  switch (fault) {
    case "other host":
      return void response.writeHead(302, { location: `${other}${url}` }).end();
    case "circle":
      hub.faults.push("circle");
      return void response.writeHead(302, { location: url }).end();
    case "no web address":
      return void response.writeHead(302, { location: "file:///etc/passwd" }).end();
    case "silence":
      return;
    case "reset":
      return void request.socket.resetAndDestroy();
    case "too many requests":
      return void response.writeHead(429).end();
    case "endless":
      return sendForEver(hub, response, hub.content);
    case "busy":
      return void response.writeHead(503).end();
    case "not satisfiable":
      return void response.writeHead(416).end();
    case "cut":
    case "slow":
    case "stall":
    case "wrong bytes":
    case "too short":
    case "too long":
    case "whole file":
    case "another part":
    case undefined:
      return sendFile(hub, request, response, fault);
    default:
      return fault satisfies never;
  }
}

function sendFile(
  hub: StandInHub,
  request: IncomingMessage,
  response: ServerResponse,
  fault?: Fault,
): void {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const from = asked && fault !== "whole file" ? Number(asked[1]) : 0;
  let bytes = Buffer.from(hub.content.subarray(from));
  if (fault === "wrong bytes") bytes.fill("evil");
  if (fault === "too short") bytes = bytes.subarray(0, -1);
  if (fault === "too long") bytes = Buffer.concat([bytes, bytes]);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": bytes.length,
    ...(from > 0 && {
      "content-range": `bytes ${fault === "another part" ? from - 1 : from}-${hub.content.length - 1}/${hub.content.length}`,
    }),
  });
  if (fault === "slow") return sendSlowly(hub, response, bytes);
  const isPartial = fault === "cut" || fault === "stall";
  const part = isPartial ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  hub.sent += part.length;
  response.write(part, () => {
    if (fault === "cut") response.destroy();
    else if (fault !== "stall") response.end();
  });
}

/** In ten pieces with pauses between them. */
function sendSlowly(hub: StandInHub, response: ServerResponse, bytes: Buffer): void {
  const size = Math.ceil(bytes.length / 10);
  const next = (from: number): void => {
    hub.sent += Math.min(size, bytes.length - from);
    response.write(bytes.subarray(from, from + size));
    if (from + size >= bytes.length) response.end();
    else setTimeout(next, 10, from + size);
  };
  next(0);
}

/** As fast as it is taken, until the other side hangs up. */
function sendForEver(hub: StandInHub, response: ServerResponse, piece: Buffer): void {
  hub.hungUp = once(response, "close");
  const more = (): void => {
    let isTaken = true;
    while (isTaken && !response.destroyed) {
      hub.sent += piece.length;
      isTaken = response.write(piece);
    }
  };
  response.on("drain", more);
  more();
}

function sendListing(hub: StandInHub, response: ServerResponse): void {
  switch (hub.listing) {
    case "right":
      return void response.end(JSON.stringify(tree(hub.content)));
    case "endless":
      return sendForEver(hub, response, Buffer.alloc(65_536, "["));
    case "many files":
      return void response.end(JSON.stringify(Array(6_000).fill(tree(hub.content)[0])));
    case "sign-in page":
      return void response.end("<!doctype html><title>Welcome to our hotel</title>");
    case "other JSON":
      return void response.end(JSON.stringify([{ type: "file", path: "a", size: -1, oid: "b" }]));
    default:
      return hub.listing satisfies never;
  }
}

function tree(content: Buffer): unknown[] {
  const oid = createHash("sha256").update(content).digest("hex");
  const file = { type: "file", oid: createHash("sha1").update("blob 2\0{}").digest("hex") };
  return [
    { ...file, path: "config.json", size: 2 },
    { ...file, path: graph, size: content.length, lfs: { oid } },
    { ...file, path: "../../escape.json", size: 2 },
    { ...file, path: "con.json", size: 2 },
    { ...file, path: "picture.png", size: 2 },
  ];
}
