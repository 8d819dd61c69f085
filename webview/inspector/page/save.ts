import type { ByteSource } from "../../../src/shared/trace/byteSource";
import type { TraceSource } from "../../../src/shared/wire/inspectorApi";
import { drawingOf } from "../export/drawing";
import { base64, selfContainedPage } from "../export/page";
import { png } from "../export/png";
import { svgOf } from "../export/svg";
import { inPieces } from "../model/pieces";
import { sheetOf } from "../scene/paint";
import type { Cells, Scene, Size } from "../scene/scene";
import { csv } from "../scene/table";
import type { Theme } from "../scene/theme";
import type { Host } from "./host";

const encoder = new TextEncoder();

/** A view as it is exported. */
export interface Exported {
  /** Of the view, for the file's name. */
  name: string;
  scene: Scene;
  size: Size;
  /** The first token that a text shows. */
  first: number;
}

/** @param trace its name */
export async function saveSvg(
  host: Host,
  trace: string,
  view: Exported,
  theme: Theme,
): Promise<void> {
  const drawing = drawingOf(view.scene, view.size, theme, view.first);
  const images = new Map<Cells, string>();
  for (const { cells } of drawing.picture.cells) {
    const sheet = sheetOf(cells, theme);
    if (!sheet) continue;
    const bytes = new Uint8Array(await (await sheet.convertToBlob()).arrayBuffer());
    images.set(cells, `data:image/png;base64,${base64(bytes)}`);
  }
  const text = svgOf(drawing, theme, (cells) => images.get(cells));
  await save(host, fileName(trace, view, "svg"), "image/svg+xml", encoder.encode(text).buffer);
}

export async function savePng(
  host: Host,
  trace: string,
  view: Exported,
  theme: Theme,
): Promise<void> {
  const blob = await png(drawingOf(view.scene, view.size, theme, view.first), theme);
  await save(host, fileName(trace, view, "png"), "image/png", await blob.arrayBuffer());
}

export async function saveCsv(host: Host, trace: string, view: Exported): Promise<void> {
  const text = await inPieces(csv(view.scene.table()));
  await save(host, fileName(trace, view, "csv"), "text/csv", encoder.encode(text).buffer);
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

function fileName(trace: string, { name }: Exported, extension: string): string {
  return `${stem(trace)}-${name}.${extension}`;
}
