/**
 * A hub on this machine that misbehaves as it is told: each request for the big file takes the
 * next fault from the list, and a request without one is answered properly.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  | "cut"
  | "stall"
  | "silence"
  | "wrong bytes"
  | "whole file"
  | "other host"
  | "circle"
  | "busy"
  | "not satisfiable";

export interface StandInHub {
  endpoint: string;
  content: Buffer;
  /** What it sends as config.json, which it announces as “{}”. */
  config: string;
  faults: Fault[];
  /** Authorization headers that reached the hub, and those that reached the other host. */
  tokens: { hub: (string | undefined)[]; other: (string | undefined)[] };
  /** Bytes of the big file that were sent. */
  sent: number;
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
    tokens: { hub: [], other: [] },
    sent: 0,
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
  if (url.includes("/tree/")) return json(tree(hub.content));
  if (url.endsWith("config.json")) return void response.end(hub.config);
  if (!url.endsWith(graph)) return void response.writeHead(404).end();
  const fault = hub.faults.shift();
  switch (fault) {
    case "other host":
      return void response.writeHead(302, { location: `${other}${url}` }).end();
    case "circle":
      hub.faults.push("circle");
      return void response.writeHead(302, { location: url }).end();
    case "silence":
      return;
    case "busy":
      return void response.writeHead(503).end();
    case "not satisfiable":
      return void response.writeHead(416).end();
    case "cut":
    case "stall":
    case "wrong bytes":
    case "whole file":
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
  const bytes = Buffer.from(hub.content.subarray(from));
  if (fault === "wrong bytes") bytes.fill("evil");
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": bytes.length,
    ...(from > 0 && {
      "content-range": `bytes ${from}-${hub.content.length - 1}/${hub.content.length}`,
    }),
  });
  const isPartial = fault === "cut" || fault === "stall";
  const part = isPartial ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  hub.sent += part.length;
  response.write(part, () => {
    if (fault === "cut") response.destroy();
    else if (fault !== "stall") response.end();
  });
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
