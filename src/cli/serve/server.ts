/** An HTTP server on 127.0.0.1 for this machine's browser alone: pages, their files and sockets. */
import { randomBytes } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { MessageConnection } from "vscode-jsonrpc";
import { WebSocketServer } from "ws";
import { type Asset, page, policyHeader, readAsset } from "./assets";
import { addressOf, cookieName, judge, judgeSocket, type Secrets, type Verdict } from "./guard";
import { socketConnection } from "./socketConnection";

export interface ServerOptions {
  /** 0 takes any that is free. */
  port: number;
  /** dist/webview */
  assets: string;
  /** Serves the page's connection, which does not listen yet; returns what ends that. */
  onChat: (connection: MessageConnection) => () => void;
  /** The query says which trace; rejects where there is none. */
  onInspector: (connection: MessageConnection, query: URLSearchParams) => Promise<() => void>;
}

export interface RunningServer {
  port: number;
  /** With the token. */
  address: string;
  close(): Promise<void>;
}

const longestMessage = 64 * 1024 * 1024;

const headers = {
  "Content-Security-Policy": policyHeader,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** Rejects where the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const secrets = { token: secret(), cookie: secret() };
  const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 5_000 });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  server.on("request", (request, response) => {
    answer(request, response, judge(request, port, secrets), options, port, secrets).catch(() =>
      response.destroy(),
    );
  });
  server.on("upgrade", (request, socket, head) => {
    const verdict = judgeSocket(request, port, secrets);
    if (verdict.status === "allowed") connect(sockets, request, socket, head, options);
    else socket.end(`HTTP/1.1 ${statusOf(verdict)} Refused\r\nConnection: close\r\n\r\n`);
  });
  return {
    port,
    address: `http://127.0.0.1:${port}/?token=${secrets.token}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

function statusOf({ status }: Verdict): number {
  return typeof status === "number" ? status : 401;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  verdict: Verdict,
  { assets }: ServerOptions,
  port: number,
  { cookie }: Secrets,
): Promise<void> {
  if (verdict.status === "exchange") {
    const value = `${cookieName(port)}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(303, { ...headers, Location: verdict.location, "Set-Cookie": value }).end();
  } else if (verdict.status !== "allowed") {
    const type = { "Content-Type": "text/plain; charset=utf-8", Connection: "close" };
    response.writeHead(verdict.status, { ...headers, ...type }).end(verdict.message);
  } else {
    const asset = await find(request, assets);
    const type = asset?.type ?? "text/plain; charset=utf-8";
    response.writeHead(asset ? 200 : 404, { ...headers, "Content-Type": type });
    response.end(request.method === "HEAD" ? "" : (asset?.body ?? "There is nothing here."));
  }
}

async function find(request: IncomingMessage, assets: string): Promise<Asset | undefined> {
  const { pathname, search } = addressOf(request);
  if (pathname === "/") return page("chat", "");
  if (pathname === "/inspector") return page("inspector", search);
  const prefix = "/assets/";
  return pathname.startsWith(prefix) ? readAsset(assets, pathname.slice(prefix.length)) : undefined;
}

function connect(
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { onChat, onInspector }: ServerOptions,
): void {
  const { pathname, searchParams } = addressOf(request);
  if (pathname !== "/rpc/chat" && pathname !== "/rpc/inspector") {
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    const connection = socketConnection(client);
    if (pathname === "/rpc/chat") client.once("close", onChat(connection));
    else
      onInspector(connection, searchParams).then(
        (end) => client.once("close", end),
        (error: unknown) => client.close(1008, String(error).slice(0, 100)),
      );
  });
}
