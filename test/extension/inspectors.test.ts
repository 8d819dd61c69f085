/** Inspectors beside the chat: how many there are, which of them follows, and where they open. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { ViewColumn, type WebviewPanel } from "vscode";
import { emptyConversation, newTurn } from "../../src/client/chat/newConversation";
import { Workbench } from "../../src/extension/workbench";
import type { Pinned, Shown } from "../../src/shared/wire/inspectorApi";
import { extensionContext } from "../support/extensionContext";
import { FakePanel } from "../support/fakePanel";
import { openWindow, panels } from "../support/fakeVscode";

const turns = ["How many books has Pam?", "How many has Oli?"].map((text) => {
  const turn = newTurn({ text, attachments: [] }, "model");
  return { ...turn, answer: { ...turn.answer, phase: "done" as const } };
});
const ids = turns.map(({ answer }) => answer.id);
const opened: Workbench[] = [];

beforeEach(openWindow);
after(() => Promise.all(opened.map((workbench) => workbench.close())));

/** A window whose chat has two answers, each with a trace that nobody reads here. */
function openStored(): Workbench {
  const context = extensionContext();
  const storage = context.globalStorageUri.fsPath;
  const conversation = { ...emptyConversation(), title: "Books", turns };
  for (const folder of ["conversations", "traces"]) mkdirSync(path.join(storage, folder));
  const file = path.join(storage, "conversations", `${conversation.id}.json`);
  writeFileSync(file, JSON.stringify(conversation));
  for (const id of ids) writeFileSync(path.join(storage, "traces", `${id}.rkvtrace`), "a trace");
  const workbench = new Workbench(context);
  opened.push(workbench);
  return workbench;
}

/** What its page is told to show, and is shown from then on. */
async function openPage({ page }: FakePanel, pinned: Pinned | null = null): Promise<Shown[]> {
  const shown: Shown[] = [];
  page.onNotification("show", (event: Shown) => void shown.push(event));
  page.listen();
  shown.push(await page.sendRequest<Shown>("open", { pinned }));
  return shown;
}

const follow = ({ page }: FakePanel, following: boolean) =>
  page.sendRequest("follow", { following });

test("the inspector opens once; asked for again, it is brought to the front where it is", async () => {
  const workbench = openStored();
  for (let times = 0; times < 3; times++) await workbench.run("openInspector");
  assert.equal(panels.length, 1);
  assert.equal(panels[0].viewColumn, ViewColumn.Beside);
  assert.equal(panels[0].title, "Cache: How many has Oli?");
  assert.equal(panels[0].reveals, 2);
});

test("a pinned one stays with its run, and the next opens beside it; a third shares a column", async () => {
  const workbench = openStored();
  for (let count = 1; count <= 3; count++) {
    await workbench.run("openInspector");
    assert.equal(panels.length, count);
    await openPage(panels[count - 1]);
    await follow(panels[count - 1], false);
  }
  const columns = panels.map(({ viewColumn }) => viewColumn);
  assert.deepEqual(columns, [ViewColumn.Beside, ViewColumn.Beside, panels[1].viewColumn]);
  panels[0].dispose();
  await follow(panels[2], true);
  await workbench.run("openInspector");
  assert.equal(panels.length, 3);
  assert.equal(panels[2].reveals, 1, "the one that follows again");
});

test("another one can be opened, which stays with what is shown", async () => {
  const workbench = openStored();
  await workbench.run("openInspector");
  const [{ traces, follows }] = await openPage(panels[0]);
  assert.deepEqual([traces[0]?.id, follows], [ids[1], true]);
  await panels[0].page.sendRequest("openAnother", { trace: ids[1], chain: 2 });
  const [other] = await openPage(panels[1]);
  assert.deepEqual([other.traces[0]?.id, other.chain, other.follows], [ids[1], 2, false]);
});

test("one that comes back with its window follows the chat, or is pinned as before", async () => {
  const workbench = openStored();
  const restored = [0, 1].map(() => new FakePanel("Cache", 2));
  for (const panel of restored)
    await workbench.inspectors.restore(panel as unknown as WebviewPanel);
  const [following] = await openPage(restored[0]);
  assert.deepEqual([following.traces[0]?.id, following.follows], [ids[1], true]);
  const [pinned] = await openPage(restored[1], { traces: [ids[0]], chain: 1 });
  assert.deepEqual([pinned.traces[0]?.id, pinned.chain, pinned.follows], [ids[0], 1, false]);
  assert.equal(restored[1].title, "Cache: How many books has Pam?");
  await workbench.run("openInspector");
  assert.equal(panels.length, 0);
  assert.equal(restored[0].reveals, 1);
});

test("a pin whose trace has gone meanwhile follows the chat", async () => {
  const panel = new FakePanel("Cache", 2);
  await openStored().inspectors.restore(panel as unknown as WebviewPanel);
  const gone = { traces: ["00000000-0000-0000-0000-000000000000"], chain: 0 };
  const [shown] = await openPage(panel, gone);
  assert.deepEqual([shown.traces[0]?.id, shown.follows], [ids[1], true]);
});
