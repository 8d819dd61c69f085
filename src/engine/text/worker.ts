/** The text Worker's entry: reads the model's files, then answers one request after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { reasonOf } from "../../shared/reasonOf";
import { ModelText } from "./modelText";
import type { TextFiles, TextReply, TextRequest } from "./protocol";
import { guardStrings } from "./stringGuards";

guardStrings();

function reply(work: () => unknown): void {
  let answer: TextReply;
  try {
    answer = { ok: true, value: work() };
  } catch (error) {
    answer = { ok: false, message: reasonOf(error) };
  }
  parentPort?.postMessage(answer);
}

let text: ModelText;

reply(() => {
  text = new ModelText(workerData as TextFiles);
  return text.facts();
});

function answer(request: TextRequest): unknown {
  switch (request.name) {
    case "encode":
      return text.encode(request.params.text);
    case "prompt":
      return text.prompt(request.params.messages);
    case "decode":
      return text.decode(request.params.context, request.params.ids);
    default:
      return request satisfies never;
  }
}

parentPort?.on("message", (request: TextRequest) => reply(() => answer(request)));
