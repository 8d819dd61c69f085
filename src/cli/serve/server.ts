/** An HTTP server on 127.0.0.1 for this machine's browser alone: pages, their files and sockets. */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { MessageConnection } from "vscode-jsonrpc";
import { type WebSocket, WebSocketServer } from "ws";
import { type Asset, page, policyHeader, readAsset } from "./assets";
import { addressOf, cookieName, judge, judgeSocket, type Secrets, type Verdict } from "./guard";
import { newSecret, OpeningTokens } from "./openingTokens";
import { refuseSocket, socketConnection } from "./socketConnection";
import { endErrorsOf, survive } from "./survive";

export interface ServerOptions {
  /** 0 takes any that is free. */
  port: number;
  /** dist/webview */
  assets: string;
  /** Serves the page's connection, which does not listen yet; returns what ends that. */
  onChat: (connection: MessageConnection) => () => void;
  /** The query says which trace; rejects where there is none. */
  onInspector: (connection: MessageConnection, query: URLSearchParams) => Promise<() => void>;
  /** A browser that has no cookie, nor an address that opens, asked for something. */
  onStranger?: () => void;
}

export interface RunningServer {
  port: number;
  /** One that opens the page to one browser, once, and only for some minutes. */
  newAddress(page?: "/" | "/inspector"): string;
  /** False when the address has been used or is too old. */
  stillOpens(address: string): boolean;
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
  const secrets = { tokens: new OpeningTokens(), cookie: newSecret() };
  const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 5_000 });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage });
  server.on("connection", endErrorsOf);
  const port = await listen(server, options.port);
  endErrorsOf(server);
  server.on("request", (request, response) => {
    endErrorsOf(response);
    survive(
      () => answer(request, response, options, port, secrets),
      () => response.destroy(),
    );
  });
  server.on("upgrade", (request, socket, head) => {
    survive(
      () => upgrade(sockets, request, socket, head, options, judgeSocket(request, port, secrets)),
      () => socket.destroy(),
    );
  });
  return {
    port,
    newAddress: (page = "/") => `http://127.0.0.1:${port}${page}?token=${secrets.tokens.issue()}`,
    stillOpens: (address) =>
      secrets.tokens.isLive(new URL(address).searchParams.get("token") ?? ""),
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: http.Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function statusOf({ status }: Verdict): number {
  return typeof status === "number" ? status : 401;
}

const openingPage = "<!doctype html><title>R-KV Lens</title>Opening R-KV Lens.";

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { assets, onStranger }: ServerOptions,
  port: number,
  secrets: Secrets,
): Promise<void> {
  const verdict = judge(request, port, secrets);
  const text = { ...headers, "Content-Type": "text/plain; charset=utf-8" };
  if (verdict.status === "exchange") {
    // A redirection would still come from wherever the address was opened, such as a file, and a
    // browser sends no strict cookie along then. What this page itself asks for comes from here.
    const next = { "Content-Type": "text/html", Refresh: `0; url=${verdict.location}` };
    const value = `${cookieName(port)}=${secrets.cookie}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(200, { ...headers, ...next, "Set-Cookie": value }).end(openingPage);
  } else if (verdict.status !== "allowed") {
    if (verdict.status === 401) onStranger?.();
    response.writeHead(verdict.status, { ...text, Connection: "close" }).end(verdict.message);
  } else {
    const asset = await find(request, assets);
    const type = asset ? { "Content-Type": asset.type } : {};
    response.writeHead(asset ? 200 : 404, { ...text, ...type });
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

function upgrade(
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: ServerOptions,
  verdict: Verdict,
): void {
  const { pathname, searchParams } = addressOf(request);
  const isOurs = pathname === "/rpc/chat" || pathname === "/rpc/inspector";
  if (verdict.status !== "allowed" || !isOurs) {
    const status = verdict.status === "allowed" ? 404 : statusOf(verdict);
    socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    endErrorsOf(client);
    survive(
      () => connect(client, pathname === "/rpc/chat" ? undefined : searchParams, options),
      () => client.terminate(),
    );
  });
}

/** query: of the inspector; absent for the chat. */
async function connect(
  client: WebSocket,
  query: URLSearchParams | undefined,
  { onChat, onInspector }: ServerOptions,
): Promise<void> {
  const connection = socketConnection(client);
  client.pause(); // What comes before the connection listens would be lost.
  try {
    const end = query ? await onInspector(connection, query) : onChat(connection);
    if (client.readyState === client.CLOSED) end();
    else client.once("close", end);
  } catch (error) {
    refuseSocket(client, error);
  } finally {
    client.resume();
  }
}
