/** Every combination of host, origin, token and method gets what it should, and nothing more. */
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { type RunningServer, startServer } from "../../src/cli/serve/server";

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

let server: RunningServer;
let token = "";
let cookie = "";
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

function connect(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
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
    onInspector: () => Promise.reject(new Error("There is no trace of this answer.")),
  });
  token = new URL(server.address).searchParams.get("token") ?? "";
  const { headers } = await ask(`/?token=${token}`);
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

  test("with the token in the address gets a cookie that scripts and other sites cannot use", async () => {
    const { status, headers } = await ask(`/?token=${token}&theme=light`);
    assert.equal(status, 303);
    assert.equal(headers.location, "/?theme=light");
    assert.match(headers["set-cookie"]?.[0] ?? "", /; HttpOnly; SameSite=Strict; Path=\/$/);
    assert.ok(!(headers["set-cookie"]?.[0] ?? "").includes(token));
    assert.equal(Buffer.from(token, "base64url").length * 8, 256);
  });

  test("for what is no address is refused like any other, and ends nothing", async () => {
    for (const path of ["//", "///?token=guess", "*", "/%", "http://[/"])
      assert.equal((await ask(path)).status, 401, path);
    assert.equal((await ask("//", { headers: { cookie } })).status, 404);
    const { headers } = await ask(`//evil.example/?token=${token}`);
    assert.equal(headers.location, "/evil.example/");
    assert.equal(await connect("//", { cookie, origin: `http://127.0.0.1:${server.port}` }), 404);
  });

  test("with a wrong token is refused, even with the cookie", async () => {
    const { status, headers } = await ask("/?token=guess", { headers: { cookie } });
    assert.equal(status, 401);
    assert.equal(headers["set-cookie"], undefined);
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

test("the server listens on 127.0.0.1 alone", async () => {
  await assert.rejects(ask("/", { host: "127.0.0.2" }), /ECONNREFUSED/);
});
