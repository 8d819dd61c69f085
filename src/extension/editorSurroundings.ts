/** What the chat can do with the editor: attach from it, write into it, save through its dialogs. */
import * as vscode from "vscode";
import type { ExportedFile } from "../client/chat/exportConversation";
import type { Attachment } from "../shared/chat/chatState";

type Found = Omit<Attachment, "id"> | undefined;

/** The editor used last keeps its selection while the chat has the focus. */
function textEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) throw new Error(vscode.l10n.t("No text editor is open: open a file first."));
  return editor;
}

/** With its lines in the label. Throws where no editor is open or nothing is selected. */
export function selection(): Promise<Found> {
  const { document, selection } = textEditor();
  if (selection.isEmpty)
    throw new Error(vscode.l10n.t("Nothing is selected: select some text in the editor first."));
  const [first, last] = [selection.start.line + 1, selection.end.line + 1];
  const lines = first === last ? String(first) : `${first}–${last}`;
  return Promise.resolve({
    label: `${nameOf(document)}:${lines}`,
    language: document.languageId,
    text: document.getText(selection),
  });
}

const longestFile = 200_000;

/** A file that the person picks; undefined where none is. Throws where it is too long for a question. */
export async function file(): Promise<Found> {
  const picked = await vscode.window.showOpenDialog({ openLabel: vscode.l10n.t("Attach") });
  if (!picked?.[0]) return undefined;
  const document = await vscode.workspace.openTextDocument(picked[0]);
  const text = document.getText();
  if (text.length > longestFile)
    throw new Error(
      vscode.l10n.t(
        "{0} has {1} characters and at most {2} can be attached: attach a selection instead.",
        nameOf(document),
        text.length,
        longestFile,
      ),
    );
  return { label: nameOf(document), language: document.languageId, text };
}

/** In the place of what is selected. Throws where no editor is open or it refuses the text. */
export async function insertAtCursor(text: string): Promise<void> {
  const editor = textEditor();
  const isDone = await editor.edit((edit) => edit.replace(editor.selection, text));
  if (!isDone) throw new Error(vscode.l10n.t("The editor did not take the text: is it read-only?"));
}

export async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
}

/** With the system's browser; the page has asked the person before. */
export async function openLink(address: string): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse(address, true));
}

export async function saveText({ name, text }: ExportedFile): Promise<void> {
  await saveBytes(name, new TextEncoder().encode(text));
}

/** The file's name as it was saved; undefined when the person gave up. */
export async function saveBytes(name: string, bytes: Uint8Array): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const defaultUri = folder ? vscode.Uri.joinPath(folder, name) : vscode.Uri.file(name);
  const place = await vscode.window.showSaveDialog({ defaultUri });
  if (!place) return undefined;
  await vscode.workspace.fs.writeFile(place, bytes);
  return place.path.split("/").at(-1);
}

function nameOf({ uri }: vscode.TextDocument): string {
  return uri.path.split("/").at(-1) ?? uri.path;
}
