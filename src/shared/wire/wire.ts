/**
 * A typed face for a JSON-RPC connection: a wire is a map of requests and a map of events.
 * Every request settles: with its result, with an error, or with the connection's end.
 */
import {
  type CancellationToken,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from "vscode-jsonrpc";
import { reasonOf } from "../reasonOf";

type RequestMap<M> = { [K in keyof M]: { params: unknown; result: unknown } };

/** Answers to every request of a wire. */
export type Handlers<M extends RequestMap<M>> = {
  [K in keyof M]: (params: M[K]["params"], token: CancellationToken) => Promise<M[K]["result"]>;
};

/** What follows some of a wire's events. */
export type Listeners<E> = { [K in keyof E]?: (event: E[K]) => void };

/** Rejects with what the handler threw, or with the connection's end. */
export async function request<M extends RequestMap<M>, K extends keyof M & string>(
  connection: MessageConnection,
  name: K,
  params: M[K]["params"],
  token?: CancellationToken,
): Promise<M[K]["result"]> {
  return connection.sendRequest<M[K]["result"]>(name, params, token);
}

/** The name of the error that a handler threw on the other side. */
export function remoteErrorName(error: unknown): string | undefined {
  if (!(error instanceof ResponseError)) return undefined;
  const { data } = error as ResponseError<{ name?: string } | undefined>;
  return data?.name;
}

/** A handler's error reaches the other side with its own words and name, and nothing around them. */
export function serve<M extends RequestMap<M>>(
  connection: MessageConnection,
  handlers: Handlers<M>,
): void {
  for (const name of Object.keys(handlers) as (keyof M & string)[]) {
    connection.onRequest(
      name,
      async (params: M[typeof name]["params"], token: CancellationToken) => {
        try {
          return await handlers[name](params, token);
        } catch (error) {
          const name = error instanceof Error ? error.name : undefined;
          throw new ResponseError(ErrorCodes.InternalError, reasonOf(error), { name });
        }
      },
    );
  }
}

/** Resolves when the event is on its way; nobody answers it. */
export async function emit<E, K extends keyof E & string>(
  connection: MessageConnection,
  name: K,
  event: E[K],
): Promise<void> {
  await connection.sendNotification(name, event);
}

/** For the connection's life; an event that nobody follows is dropped. */
export function listen<E>(connection: MessageConnection, listeners: Listeners<E>): void {
  for (const name of Object.keys(listeners) as (keyof E & string)[]) {
    connection.onNotification(name, (event: E[typeof name]) => listeners[name]?.(event));
  }
}
