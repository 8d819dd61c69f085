import type { ChatSurroundings } from "../../src/client/chat/chatHost";

const isUnused = (): Promise<never> => Promise.reject(new Error("not part of this test"));

/** Of a chat that nobody leaves: each rejects. */
export const unusedSurroundings: ChatSurroundings = {
  modelChoices: isUnused,
  selectModel: isUnused,
  rememberCache: isUnused,
  rememberChains: isUnused,
  pick: isUnused,
  selection: isUnused,
  file: isUnused,
  insertAtCursor: isUnused,
  copy: isUnused,
  openLink: isUnused,
  saveFile: isUnused,
  openInspector: isUnused,
};
