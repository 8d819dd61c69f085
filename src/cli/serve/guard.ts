/**
 * Who may talk to the server. A page of another site must not reach it, neither by a request of its
 * own nor by a name that it lets point to this machine (DNS rebinding), and neither may another
 * account of this machine without the token.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface Secrets {
  /** In the address that is printed; exchanged for the cookie. */
  token: string;
  cookie: string;
}

export interface Refusal {
  status: 401 | 403 | 405 | 413;
  message: string;
}

export type Verdict = Refusal | { status: "allowed" } | { status: "exchange"; location: string };

export function cookieName(port: number): string {
  return `rkv-lens-${port}`;
}

export function judge(request: IncomingMessage, port: number, secrets: Secrets): Verdict {
  return (
    judgeOrigin(request, port) ??
    judgeForm(request) ??
    judgeToken(request, secrets) ??
    judgeCookie(request, port, secrets)
  );
}

/** As `judge`; a socket must come from a page of this server, so it must say its origin. */
export function judgeSocket(request: IncomingMessage, port: number, secrets: Secrets): Verdict {
  if (request.headers.origin === undefined) return forbidden("This address is for pages only.");
  return judge(request, port, secrets);
}

function judgeOrigin({ headers }: IncomingMessage, port: number): Refusal | undefined {
  const { host, origin } = headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return forbidden(`This server answers only as 127.0.0.1:${port}.`);
  if (origin !== undefined && origin !== `http://${host}`)
    return forbidden("This server answers only its own pages.");
  return undefined;
}

function judgeForm({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, message: "This server answers only GET and HEAD." };
  const hasBody = headers["transfer-encoding"] ?? Number(headers["content-length"] ?? 0) > 0;
  return hasBody ? { status: 413, message: "This server takes no request bodies." } : undefined;
}

/** What is asked for; its host means nothing. Not every request's target makes an address. */
export function addressOf({ url = "/" }: IncomingMessage): URL {
  const address = `http://localhost${url}`;
  return new URL(URL.canParse(address) ? address : "http://localhost/nothing");
}

function judgeToken(request: IncomingMessage, { token }: Secrets): Verdict | undefined {
  const address = addressOf(request);
  const given = address.searchParams.get("token");
  if (given === null) return undefined;
  if (!isSame(given, token)) return unauthorized();
  address.searchParams.delete("token");
  // With one slash, since two begin the name of another host.
  return { status: "exchange", location: address.pathname.replace(/^\/+/, "/") + address.search };
}

function judgeCookie({ headers }: IncomingMessage, port: number, { cookie }: Secrets): Verdict {
  const pairs = (headers.cookie ?? "").split("; ");
  const prefix = `${cookieName(port)}=`;
  const given = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length) ?? "";
  return isSame(given, cookie) ? { status: "allowed" } : unauthorized();
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function forbidden(message: string): Refusal {
  return { status: 403, message };
}

function unauthorized(): Refusal {
  const message = "Open the whole address that “npm start” printed, with its token.";
  return { status: 401, message };
}
