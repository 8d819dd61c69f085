/** Servers that give no answer: which address, why, and what to do. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { Hub } from "../../../src/client/models/hub";
import { UnreachableError } from "../../../src/client/models/unreachable";

/** The port it listens on, until the test ends. */
async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function words(endpoint: string): Promise<string> {
  const error: unknown = await new Hub(endpoint).search("x").catch((error: unknown) => error);
  assert.ok(error instanceof Error);
  assert.ok(error.message.startsWith(new URL(endpoint).origin), error.message);
  assert.match(error.message, /; .*(proxy|try again).*rkv\.hub\.endpoint, or choose the folder/);
  return error.message;
}

test("of a port that nobody listens on it is said that it refused the connection", async (t) => {
  const closed = createServer();
  const port = await portOf(t, closed);
  closed.close();
  await once(closed, "close");
  assert.match(await words(`http://127.0.0.1:${port}/hub`), /it refused the connection; check/);
});

test("of a server that hangs up it is said that the connection was cut", async (t) => {
  const port = await portOf(
    t,
    createServer((socket) => socket.once("data", () => socket.destroy())),
  );
  assert.match(await words(`http://127.0.0.1:${port}`), /the connection was cut; try again later/);
});

test("of a server without encryption it is said that its certificate was not accepted", async (t) => {
  const port = await portOf(t, createHttpServer());
  assert.match(await words(`https://127.0.0.1:${port}`), /its certificate or encryption was not/);
});

test("of a server that does not answer it is said that no answer came in time", async (t) => {
  const port = await portOf(
    t,
    createServer((socket) => t.after(() => socket.destroy())),
  );
  const limit = AbortSignal.timeout.bind(AbortSignal);
  t.mock.method(AbortSignal, "timeout", () => limit(50));
  assert.match(await words(`http://127.0.0.1:${port}`), /no answer came in time; check/);
});

for (const [cause, why] of [
  [failure("getaddrinfo ENOTFOUND hub.example", "ENOTFOUND"), /its name was not found/],
  [failure("getaddrinfo EAI_AGAIN hub.example", "EAI_AGAIN"), /its name was not found/],
  [new Error("net::ERR_NAME_NOT_RESOLVED"), /its name was not found/],
  [new AggregateError([failure("connect ECONNREFUSED ::1:443", "ECONNREFUSED")]), /refused/],
  [new Error("net::ERR_PROXY_CONNECTION_FAILED"), /the proxy does not let it through/],
  [new Error("tunneling socket could not be established, statusCode=407"), /the proxy/],
  [failure("certificate has expired", "CERT_HAS_EXPIRED"), /its certificate/],
  [failure("self-signed certificate", "SELF_SIGNED_CERT_IN_CHAIN"), /its certificate/],
  [failure("x", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), /its certificate/],
  [failure("Connect Timeout Error", "UND_ERR_CONNECT_TIMEOUT"), /no answer came in time/],
  [failure("connect ENETUNREACH 1.2.3.4:443", "ENETUNREACH"), /no way leads to it/],
  [failure("something new", "ENEW"), /cannot be reached: something new/],
] satisfies [Error, RegExp][])
  test(`a person is told in words what this means: ${cause.message || "several addresses"}`, () => {
    const failed = new TypeError("fetch failed", { cause });
    const { message } = new UnreachableError(new URL("https://hub.example/api/x"), failed);
    assert.match(message, /^https:\/\/hub\.example cannot be reached: .*; check .*, name a mirror/);
    assert.match(message, why);
    assert.doesNotMatch(message, /fetch failed|undefined/);
  });

function failure(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
