import { monitorEventLoopDelay } from "node:perf_hooks";
import * as vscode from "vscode";

const question =
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";

/** Milliseconds between two looks at the event loop; a delay is what comes on top. */
const resolution = 5;
const delays = monitorEventLoopDelay({ resolution });

/** Processor time that the thread of all extensions spends on activating R-KV Lens. */
async function activateLens() {
  const lens = vscode.extensions.getExtension("rkv-lens.rkv-lens");
  if (lens.isActive) throw new Error("R-KV Lens is active already.");
  const before = process.threadCpuUsage();
  await lens.activate();
  const { user, system } = process.threadCpuUsage(before);
  say(`activation took ${((user + system) / 1000).toFixed(0)} ms`);
}

function watchEventLoop() {
  delays.reset();
  delays.enable();
}

function showEventLoopDelay() {
  delays.disable();
  say(`p99 ${(delays.percentile(99) / 1e6 - resolution).toFixed(1)} ms`);
}

/** Streams an answer and shows it with the number of pieces it came in, and the tokens it counted. */
async function ask() {
  const [model] = await vscode.lm.selectChatModels({ vendor: "rkv" });
  const tokens = await model.countTokens(question);
  const response = await model.sendRequest([vscode.LanguageModelChatMessage.User(question)]);
  let [text, pieces] = ["", 0];
  for await (const piece of response.text) {
    text += piece;
    pieces += 1;
  }
  say(
    `got “${text.trim()}” in ${pieces} pieces, question ${tokens} tokens, window ${model.maxInputTokens}`,
  );
}

/** Cancels at once; the request after it is answered only if the engine has stopped. */
async function cancel() {
  const [model] = await vscode.lm.selectChatModels({ vendor: "rkv" });
  const source = new vscode.CancellationTokenSource();
  const messages = [vscode.LanguageModelChatMessage.User(question)];
  const response = await model.sendRequest(messages, {}, source.token);
  setTimeout(() => source.cancel(), 300);
  try {
    for await (const piece of response.text) void piece;
  } catch {
    // A cancelled stream may end with an error.
  }
  await ask();
}

/** Moves the chat between its own place and the Explorer. */
function moveChat(destinationId) {
  return vscode.commands.executeCommand("vscode.moveViews", {
    viewIds: ["rkv.chat"],
    destinationId,
  });
}

/** What any extension reads of the settings that a folder may not make in Restricted Mode. */
function showModelSettings() {
  const settings = vscode.workspace.getConfiguration("rkv");
  const names = ["model.folder", "model.folders", "model.device", "hub.endpoint"];
  say(JSON.stringify(names.map((name) => settings.get(name))));
}

function say(words) {
  void vscode.window.showInformationMessage(`consumer: ${words}`);
}

export function activate(context) {
  const commands = {
    activateLens,
    watchEventLoop,
    showEventLoopDelay,
    ask,
    cancel,
    showModelSettings,
    moveAway: () => moveChat("workbench.view.explorer"),
    moveBack: () => moveChat("workbench.view.extension.rkv"),
  };
  for (const [name, run] of Object.entries(commands))
    context.subscriptions.push(vscode.commands.registerCommand(`consumer.${name}`, run));
}
