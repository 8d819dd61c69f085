/** Requests and upgrades of somebody who lacks the cookie, in any form that a parser may stumble over. */
import type { Random } from "../../src/shared/random";

/** Where the browser host listens, and what a stranger may know of it. */
export interface Door {
  port: number;
  /** From an address that was used already. */
  spentToken: string;
}

/** answer: the id of one that has a trace. Everything but the cookie may be right. */
export function strangersRequest(door: Door, answer: string, chance: Random): Buffer {
  const method = chance.pick(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "CONNECT", "G\0T"]);
  const target = chance.pick(targets(door, answer));
  const version = chance.pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", ""]);
  const lines = [
    `${method} ${target} ${version}`,
    ...chance.pick(hosts(door)),
    ...chance.pick(origins(door)),
    ...chance.pick(cookies(door)),
    ...(chance.next() < 0.5 ? upgrade(chance) : []),
    ...(chance.next() < 0.2 ? chance.pick(bodies) : []),
  ];
  const tail = chance.next() < 0.3 ? frames(chance) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), tail]);
}

function targets({ port, spentToken }: Door, answer: string): string[] {
  const long = "%C3%A9".repeat(400);
  return [
    ...["/", "/inspector", `/inspector?answer=${answer}`, "/rpc/chat", "/rpc/chat?x"],
    ...[`/rpc/inspector?answer=${answer}`, "/rpc/inspector", `/rpc/inspector?answer=${long}`],
    ...[`/?token=${spentToken}`, `/rpc/chat?token=${spentToken}`, "/?token=", "/?token=guess"],
    ...["//", "*", "/%", "/%00", "http://[/", `http://127.0.0.1:${port}/`, "/../../etc/passwd"],
    ...["/assets/chat.js", "/assets/..%2f..%2fpackage.json", `/${"a".repeat(20_000)}`],
  ];
}

function hosts({ port }: Door): string[][] {
  const right = `Host: 127.0.0.1:${port}`;
  const wrong = ["Host: evil.example", `Host: 127.0.0.1:${port + 1}`, "Host:", "Host: [::1"];
  return [
    [right],
    [right],
    [`Host: localhost:${port}`],
    [right, right],
    [],
    ...wrong.map((h) => [h]),
  ];
}

function origins({ port }: Door): string[][] {
  const own = `Origin: http://127.0.0.1:${port}`;
  return [[own], [own], [], ["Origin: https://evil.example"], ["Origin: null"], [own, own]];
}

function cookies({ port, spentToken }: Door): string[][] {
  const name = `rkv-lens-${port}`;
  const wrong = [`${name}=${spentToken}`, `${name}=`, `${name}=${"A".repeat(43)}`, "=; ;;=", name];
  return [[], [], ...wrong.map((cookie) => [`Cookie: ${cookie}`])];
}

function upgrade(chance: Random): string[] {
  const right = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  return [
    "Connection: Upgrade",
    chance.pick(["Upgrade: websocket", "Upgrade: websocket", "Upgrade: h2c", "Upgrade:"]),
    chance.pick(["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 99"]),
    chance.pick([right, right, "Sec-WebSocket-Key: x"]),
    ...chance.pick([
      [],
      ['Sec-WebSocket-Extensions: permessage-deflate; x="', "Sec-WebSocket-Protocol: ,"],
    ]),
  ];
}

const bodies = [
  ["Content-Length: 5"],
  ["Content-Length: 99999999999999999999"],
  ["Transfer-Encoding: chunked"],
  ["Transfer-Encoding: chunked", "Content-Length: 5"],
  ["Expect: 100-continue"],
];

function frames(chance: Random): Buffer {
  const bytes = Array.from({ length: chance.integer(1, 300) }, () => chance.integer(0, 255));
  return Buffer.from(bytes);
}
