import type { ByteSource } from "../../../src/shared/trace/byteSource";
import type { TraceSource } from "../../../src/shared/wire/inspectorApi";
import { drawingOf } from "../export/compose";
import { numbersOf } from "../export/numbers";
import { selfContainedPage } from "../export/page";
import { onSheet, paper } from "../export/paper";
import { png } from "../export/png";
import { svgOf } from "../export/svg";
import type { Subject } from "../export/viewPieces";
import type { Theme } from "../scene/theme";
import type { ViewName } from "../views";
import type { FigureChoice } from "./exportMenu";
import type { Host } from "./host";

const encoder = new TextEncoder();

/** @returns a sentence on what was saved, or that nothing was. */
export async function saveFigure(
  host: Host,
  { wish, format, colours }: FigureChoice,
  subject: Subject,
  pageTheme: Theme,
): Promise<string> {
  const theme = colours === "paper" ? paper : onSheet(pageTheme);
  const name = `${stem(subject.trace)}-${wish.views.join("-")}`;
  switch (format) {
    case "svg": {
      const text = await svgOf(await drawingOf(wish, subject, theme), theme);
      return told([await save(host, `${name}.svg`, "image/svg+xml", bytesOf(text))]);
    }
    case "png": {
      const blob = await png(await drawingOf(wish, subject, theme), theme);
      return told([await save(host, `${name}.png`, "image/png", await blob.arrayBuffer())]);
    }
    case "csv":
      return told(await saveNumbers(host, wish.views, subject));
    default:
      return format satisfies never;
  }
}

/** One file after the other, until the person gives up. */
async function saveNumbers(host: Host, views: readonly ViewName[], subject: Subject) {
  const saved: (string | null)[] = [];
  for (const view of views)
    for (const { name, text } of await numbersOf(subject, view)) {
      const file = `${stem(subject.trace)}-${name}.csv`;
      const written = await save(host, file, "text/csv", bytesOf(text));
      if (written === null) return saved;
      saved.push(written);
    }
  return saved;
}

function told(saved: (string | null)[]): string {
  const names = saved.filter((name) => name !== null);
  return names.length > 0 ? `Saved ${names.join(", ")}.` : "Nothing was saved: you gave up.";
}

const bytesOf = (text: string): ArrayBuffer => encoder.encode(text).buffer;

/** Largest read that a host answers. */
const piece = 4 * 1024 * 1024;

export async function savePage(
  host: Host,
  { source, bytes }: { source: TraceSource; bytes: ByteSource },
): Promise<string> {
  const viewer = await host.ask("viewer", null);
  const trace = new Uint8Array(await bytes.size());
  for (let offset = 0; offset < trace.length; offset += piece)
    trace.set(new Uint8Array(await bytes.read(offset, piece)), offset);
  const text = selfContainedPage(source.name, trace, viewer);
  return told([await save(host, `${stem(source.name)}.html`, "text/html", bytesOf(text))]);
}

/** The name that the file has now; null where the person gave up. */
async function save(host: Host, name: string, mediaType: string, bytes: ArrayBuffer) {
  const { saved } = await host.ask("saveFile", { name, mediaType, bytes });
  return saved;
}

const stem = (name: string) => name.replace(/\.rkvtrace$/, "").replace(/[^\p{L}\p{N}._-]+/gu, "-");
