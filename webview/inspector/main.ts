/** The inspector's page: connects, opens what the host has to show, and puts up the views. */
import { reasonOf } from "../../src/shared/reasonOf";
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
const host = connect({
  grown: (event) => app?.grown(event),
  replaying: (event) => app?.replaying(event),
});
notice("Opening the trace…");
start().catch((error: unknown) => {
  notice(reasonOf(error));
});

async function start(): Promise<void> {
  const { traces, abilities } = await host.ask("open", null);
  if (traces.length === 0) return notice("No run to look at yet. Ask something in the chat.");
  const opened = await Promise.all(traces.map((source) => open(host, source)));
  page.replaceChildren();
  app = new App(page, host, opened, abilities);
}

function notice(words: string): void {
  page.replaceChildren(element("div", { class: "notice", role: "status" }, words));
}
