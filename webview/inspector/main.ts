/** The inspector's page: connects, opens what the host has to show, and puts up the views. */
import { reasonOf } from "../../src/shared/reasonOf";
import type { InspectorAbilities, Shown } from "../../src/shared/wire/inspectorApi";
import "../common/common.css";
import "./inspector.css";
import { applyBrowserTheme } from "../common/browserTheme";
import { element } from "../common/dom";
import { App } from "./page/app";
import { connect } from "./page/host";
import { open } from "./page/reading";

applyBrowserTheme();
const page = element("main", { class: "page" });
document.body.append(page);
let app: App | undefined;
let abilities: InspectorAbilities | undefined;
/** One thing after the other: what comes while the page begins is shown when it has. */
let done: Promise<void> = Promise.resolve();
const host = connect({
  show: (shown) => next(() => show(shown)),
  grown: (event) => app?.grown(event),
  replaying: (event) => app?.replaying(event),
});
notice("Opening the trace…");
next(start);

function next(step: () => Promise<void>): void {
  done = done.then(step).catch((error: unknown) => notice(reasonOf(error)));
}

async function start(): Promise<void> {
  const told = await host.ask("open", { pinned: host.pinned() });
  ({ abilities } = told);
  await show(told);
}

async function show(shown: Shown): Promise<void> {
  if (!abilities) return;
  if (app) return app.show(shown);
  const { traces, chain, follows } = shown;
  if (traces.length === 0) return notice("No run to look at yet. Ask something in the chat.");
  const opened = await Promise.all(
    traces.map((source, index) => open(host, source, index === 0 ? chain : 0)),
  );
  page.replaceChildren();
  app = new App(page, host, opened, abilities, follows);
}

function notice(words: string): void {
  page.replaceChildren(element("div", { class: "notice", role: "status" }, words));
}
