import * as vscode from "vscode";

const question =
  "Ned has 32 cards. Ava has 10 fewer than Ned. Hal has twice as many as Ava. How many cards does Hal have?";

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
  void vscode.window.showInformationMessage(
    `consumer got “${text.trim()}” in ${pieces} pieces, question ${tokens} tokens, window ${model.maxInputTokens}`,
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

export function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("consumer.ask", ask),
    vscode.commands.registerCommand("consumer.cancel", cancel),
  );
}
