/** Every combination of host, origin, token and method gets what it should, and nothing more. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { OpeningTokens, openingMinutes } from "../../../src/cli/serve/openingTokens";
import { type RunningServer, startServer } from "../../../src/cli/serve/server";
import { within } from "../../support/within";

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

let server: RunningServer;
let cookie = "";
let strangers = 0;
let sockets = 0;

function ask(path: string, options: http.RequestOptions = {}, body = ""): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: "127.0.0.1", port: server.port, path, ...options },
      (response) => {
        let text = "";
        response.on("data", (piece: Buffer) => (text += piece.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** A token that nobody has used. */
function newToken(): string {
  return new URL(server.newAddress()).searchParams.get("token") ?? "";
}

function socketTo(path: string, headers: Record<string, string>): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
}

function connect(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = socketTo(path, headers);
    socket.on("open", () => {
      resolve(101);
      socket.close();
    });
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0));
    socket.on("error", () => undefined);
  });
}

before(async () => {
  server = await startServer({
    port: 0,
    assets: "test/serve",
    onChat: (connection) => {
      sockets += 1;
      connection.listen();
      return () => undefined;
    },
    onInspector: (_, query) => Promise.reject(new Error(`No trace of ${query.get("answer")}.`)),
    onStranger: () => void (strangers += 1),
  });
  const { headers } = await ask(`/?token=${newToken()}`);
  cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
});

after(() => server.close());

describe("a request", () => {
  test("is answered only to our own page, with the cookie, by GET or HEAD: 320 combinations", async () => {
    const hosts = [`127.0.0.1:${server.port}`, `localhost:${server.port}`, "127.0.0.1"];
    hosts.push(`evil.example:${server.port}`, `127.0.0.1:${server.port + 1}`);
    const origins = [undefined, "own", "https://evil.example", "null"];
    const cookies = [undefined, cookie, `${cookie}x`, cookie.replace(/=.*/, "=")];
    const methods = ["GET", "HEAD", "POST", "OPTIONS"];
    for (const [hostIndex, host] of hosts.entries())
      for (const origin of origins)
        for (const given of cookies)
          for (const method of methods) {
            const headers: Record<string, string> = { host };
            if (origin) headers.origin = origin === "own" ? `http://${host}` : origin;
            if (given) headers.cookie = given;
            const isOurs = hostIndex < 2 && (origin === undefined || origin === "own");
            const isReading = method === "GET" || method === "HEAD";
            const wanted = !isOurs ? 403 : !isReading ? 405 : given === cookie ? 200 : 401;
            const { status } = await ask("/", { method, headers });
            assert.equal(status, wanted, JSON.stringify({ method, ...headers }));
          }
  });

  test("with a token in the address gets a cookie that scripts and other sites cannot use", async () => {
    const token = newToken();
    const { status, headers } = await ask(`/?token=${token}&theme=light`);
    assert.equal(status, 200);
    assert.equal(headers.refresh, "0; url=/?theme=light");
    assert.match(headers["set-cookie"]?.[0] ?? "", /; HttpOnly; SameSite=Strict; Path=\/$/);
    assert.ok(!(headers["set-cookie"]?.[0] ?? "").includes(token));
    assert.equal(Buffer.from(token, "base64url").length * 8, 256);
  });

  test("for what is no address is refused like any other, and ends nothing", async () => {
    for (const path of ["//", "///?token=guess", "*", "/%", "http://[/"])
      assert.equal((await ask(path)).status, 401, path);
    assert.equal((await ask("//", { headers: { cookie } })).status, 404);
    const { headers } = await ask(`//evil.example/?token=${newToken()}`);
    assert.equal(headers.refresh, "0; url=/evil.example/");
    assert.equal(await connect("//", { cookie, origin: `http://127.0.0.1:${server.port}` }), 404);
  });

  test("with a wrong token is refused, and leads on only whom the cookie would", async () => {
    const { status, headers } = await ask("/?token=guess");
    assert.equal(status, 401);
    assert.equal(headers["set-cookie"], undefined);
    assert.equal((await ask("/?token=guess", { headers: { cookie } })).headers.refresh, "0; url=/");
  });

  test("opens with a token once, and a look at its head uses nothing up", async () => {
    const address = server.newAddress("/inspector");
    const { pathname, search } = new URL(address);
    assert.equal((await ask(pathname + search, { method: "HEAD" })).status, 401);
    assert.ok(server.stillOpens(address));
    const before = strangers;
    assert.equal((await ask(pathname + search)).headers.refresh, "0; url=/inspector");
    assert.ok(!server.stillOpens(address));
    assert.equal(strangers, before);
    assert.equal((await ask(pathname + search)).status, 401);
    assert.equal(strangers, before + 1);
  });

  test("with a body is refused", async () => {
    const headers = { cookie, "content-length": "5" };
    assert.equal((await ask("/", { headers }, "hello")).status, 413);
  });

  test("for anything but the pages and their files finds nothing", async () => {
    const lost = ["/assets/../guard.test.ts", "/assets/%2e%2e/package.json", "/assets/.gitignore"];
    lost.push("/assets/guard.test.ts", "/assets/", "/etc/passwd", "/rpc/chat");
    for (const path of lost)
      assert.equal((await ask(path, { headers: { cookie } })).status, 404, path);
  });

  test("gets no leave for other origins, and a policy without any remote source", async () => {
    const { headers, body } = await ask("/", { headers: { cookie } });
    assert.equal(headers["access-control-allow-origin"], undefined);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
    assert.doesNotMatch(body, /<script>|<style>| on\w+=/);
  });
});

describe("a socket", () => {
  test("opens only for our own page with the cookie", async () => {
    const own = `http://127.0.0.1:${server.port}`;
    assert.equal(await connect("/rpc/chat", { cookie }), 403);
    assert.equal(await connect("/rpc/chat", { cookie, origin: "https://evil.example" }), 403);
    assert.equal(await connect("/rpc/chat", { origin: own }), 401);
    assert.equal(await connect("/rpc/other", { cookie, origin: own }), 404);
    assert.equal(sockets, 0);
    assert.equal(await connect("/rpc/chat", { cookie, origin: own }), 101);
    assert.equal(sockets, 1);
  });
});

describe("the server goes on after", () => {
  const own = () => ({ cookie, origin: `http://127.0.0.1:${server.port}` });

  const soon = <T>(event: Promise<T>): Promise<T> => within(30_000, "an event of a socket", event);

  async function closing(socket: WebSocket): Promise<[number, string]> {
    const [code, reason] = (await soon(once(socket, "close"))) as [number, Buffer];
    return [code, reason.toString()];
  }

  test("an upgrade that was refused, or let in, and then reset", async () => {
    for (const headers of [{ origin: "https://evil.example" }, own()])
      for (let i = 0; i < 20; i++) {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const socket = net.connect(server.port, "127.0.0.1");
        await soon(once(socket, "connect"));
        socket.on("error", () => undefined);
        socket.write(
          `GET /rpc/chat HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${lines.join("")}` +
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        );
        if (i % 2) await soon(once(socket, "data"));
        socket.resetAndDestroy();
      }
    assert.equal((await ask("/", { headers: { cookie } })).status, 200);
  });

  test("a reason to close that is longer than a close frame", async () => {
    const answer = encodeURIComponent("é".repeat(500));
    const [code, reason] = await closing(socketTo(`/rpc/inspector?answer=${answer}`, own()));
    assert.equal(code, 1008);
    assert.match(reason, /^No trace of é+$/);
    assert.ok(Buffer.byteLength(reason) > 120);
  });

  test("messages that are none", async () => {
    const messages = ["", "null", "[]", "5", "{", Buffer.alloc(3), Buffer.alloc(40, 255)];
    const cancel = { jsonrpc: "2.0", method: "$/cancelRequest" };
    messages.push(JSON.stringify(cancel), JSON.stringify({ ...cancel, params: [] }));
    for (const message of messages) {
      const socket = socketTo("/rpc/chat", own());
      await soon(once(socket, "open"));
      socket.send(message);
      socket.send("no JSON either");
      assert.equal((await closing(socket))[0], 1007);
    }
  });
});

test("a token that nobody used opens nothing any more after some minutes", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const tokens = new OpeningTokens();
  const [early, late] = [tokens.issue(), tokens.issue()];
  t.mock.timers.tick(openingMinutes * 60_000 - 1);
  assert.ok(tokens.spend(early));
  t.mock.timers.tick(1);
  assert.ok(!tokens.spend(late));
});

test("the server listens on 127.0.0.1 alone", async () => {
  await assert.rejects(ask("/", { host: "127.0.0.2" }), /ECONNREFUSED/);
});
