/** The chat's page: connects to its host, and draws what the host says. */
import type { ViewEvents } from "../../src/shared/chat/chatApi";
import { listen } from "../../src/shared/wire/wire";
import { applyBrowserTheme } from "../common/browserTheme";
import { connectToHost } from "../common/connection";
import { reasonOf } from "../../src/shared/reasonOf";
import { createActions } from "./page/actions";
import { App } from "./app";
import "./chat.css";
import { Banner } from "./page/engineBanner";
import { LiveState } from "./page/liveState";
import { Memory } from "./composer/memory";

applyBrowserTheme();
const host = connectToHost();
const errors = new Banner();
const report = (message: string) => errors.show(message);
const app = new App(createActions(host.connection, report), new Memory(host), errors);
document.body.append(app.node);

const live = new LiveState(host.connection, (state) => app.update(state));
listen<ViewEvents>(host.connection, { focusComposer: () => app.composer.focus() });
host.connection.onClose(() => {
  report("The connection to R-KV Lens has ended. Start it again, then reload this page.");
});
host.connection.listen();
live.subscribe().then(
  () => app.composer.focus(),
  (error: unknown) => report(reasonOf(error)),
);
