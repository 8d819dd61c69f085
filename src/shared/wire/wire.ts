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

export type Handlers<M extends RequestMap<M>> = {
  [K in keyof M]: (params: M[K]["params"], token: CancellationToken) => Promise<M[K]["result"]>;
};

export type Listeners<E> = { [K in keyof E]?: (event: E[K]) => void };

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

export async function emit<E, K extends keyof E & string>(
  connection: MessageConnection,
  name: K,
  event: E[K],
): Promise<void> {
  await connection.sendNotification(name, event);
}

export function listen<E>(connection: MessageConnection, listeners: Listeners<E>): void {
  for (const name of Object.keys(listeners) as (keyof E & string)[]) {
    connection.onNotification(name, (event: E[typeof name]) => listeners[name]?.(event));
  }
}
