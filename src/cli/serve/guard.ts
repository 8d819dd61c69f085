/**
 * Who may talk to the server. A page of another site must not reach it, neither by a request of its
 * own nor by a name that it lets point to this machine (DNS rebinding), and neither may another
 * account of this machine without the token.
 */
import type { IncomingMessage } from "node:http";
import { isSame, type OpeningTokens } from "./openingTokens";

export interface Secrets {
  /** One stands in each address that opens a page; it is exchanged for the cookie. */
  tokens: OpeningTokens;
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
    judgeToken(request, port, secrets) ??
    (hasCookie(request, port, secrets) ? { status: "allowed" } : unauthorized())
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

/** An address that was spent still leads a browser that has the cookie to its page. */
function judgeToken(request: IncomingMessage, port: number, secrets: Secrets): Verdict | undefined {
  const address = addressOf(request);
  const given = address.searchParams.get("token");
  if (given === null) return undefined;
  const opens = request.method === "GET" && secrets.tokens.spend(given);
  if (!opens && !hasCookie(request, port, secrets)) return unauthorized();
  address.searchParams.delete("token");
  // With one slash, since two begin the name of another host.
  return { status: "exchange", location: address.pathname.replace(/^\/+/, "/") + address.search };
}

function hasCookie({ headers }: IncomingMessage, port: number, { cookie }: Secrets): boolean {
  const pairs = (headers.cookie ?? "").split("; ");
  const prefix = `${cookieName(port)}=`;
  const given = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length) ?? "";
  return isSame(given, cookie);
}

function forbidden(message: string): Refusal {
  return { status: 403, message };
}

function unauthorized(): Refusal {
  const message =
    "An address of R-KV Lens opens one browser, once, and within minutes. Open the newest one that stands in the terminal where it runs.";
  return { status: 401, message };
}
