/** What the views can ask of the host; an error's message goes to the person as it is. */
import type { MessageConnection } from "vscode-jsonrpc/browser";
import type { ChatRequests } from "../../../src/shared/chat/chatApi";
import { request } from "../../../src/shared/wire/wire";
import { reasonOf } from "../../../src/shared/reasonOf";

type Name = keyof ChatRequests;
type Ask = <K extends Name>(
  name: K,
  params: ChatRequests[K]["params"],
) => Promise<ChatRequests[K]["result"]>;

export interface Actions {
  /** Rejects with an Error that can be shown. */
  ask: Ask;
  /** Shows the error instead of rejecting. */
  act: <K extends Name>(name: K, params: ChatRequests[K]["params"]) => void;
  report: (message: string) => void;
}

export function createActions(
  connection: MessageConnection,
  report: (message: string) => void,
): Actions {
  const ask: Ask = (name, params) => request<ChatRequests, typeof name>(connection, name, params);
  return {
    ask,
    report,
    act: (name, params) => {
      ask(name, params).catch((error: unknown) => report(reasonOf(error)));
    },
  };
}
