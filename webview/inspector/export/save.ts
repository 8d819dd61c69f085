import type { TraceSource } from "../../../src/shared/wire/inspectorApi";
import type { ByteSource } from "../../../src/shared/trace/byteSource";
import type { Host } from "../page/host";
import type { Panel } from "../page/panel";
import { inPieces } from "../model/pieces";
import { csv } from "../scene/table";
import { selfContainedPage } from "./page";
import { pictureOf, png, svg } from "./picture";

const encoder = new TextEncoder();

export async function saveSvg(host: Host, trace: string, panel: Panel): Promise<void> {
  const drawing = encoder.encode(svg(pictureOf(panel.view.root)));
  await save(host, fileName(trace, panel, "svg"), "image/svg+xml", drawing.buffer);
}

export async function savePng(host: Host, trace: string, panel: Panel): Promise<void> {
  const blob = await png(pictureOf(panel.view.root));
  await save(host, fileName(trace, panel, "png"), "image/png", await blob.arrayBuffer());
}

export async function saveCsv(host: Host, trace: string, panel: Panel): Promise<void> {
  const text = await inPieces(csv(panel.view.table()));
  await save(host, fileName(trace, panel, "csv"), "text/csv", encoder.encode(text).buffer);
}

/** Largest read that a host answers. */
const piece = 4 * 1024 * 1024;

export async function savePage(
  host: Host,
  { source, bytes }: { source: TraceSource; bytes: ByteSource },
): Promise<void> {
  const viewer = await host.ask("viewer", null);
  const trace = new Uint8Array(await bytes.size());
  for (let offset = 0; offset < trace.length; offset += piece)
    trace.set(new Uint8Array(await bytes.read(offset, piece)), offset);
  const text = selfContainedPage(source.name, trace, viewer);
  await save(host, `${stem(source.name)}.html`, "text/html", encoder.encode(text).buffer);
}

async function save(host: Host, name: string, mediaType: string, bytes: ArrayBuffer) {
  await host.ask("saveFile", { name, mediaType, bytes });
}

const stem = (name: string) => name.replace(/\.rkvtrace$/, "").replace(/[^\p{L}\p{N}._-]+/gu, "-");

function fileName(trace: string, { name }: Panel, extension: string): string {
  return `${stem(trace)}-${name}.${extension}`;
}
