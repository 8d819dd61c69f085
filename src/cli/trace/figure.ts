/** `trace FILE --figure VIEWS`: views of the inspector as a file, drawn without a browser. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { unwritten } from "../../disk/writeError";
import type * as Exporter from "../../../webview/inspector/export/fromTrace";
import type { Arguments, Options } from "../arguments";
import { type ExitCode, exitCodes, UsageError } from "../exitCodes";
import { aside } from "../terminal";
import { withTraceBytes } from "./traceFile";

export const figureOptions: Options = {
  figure: { value: "A,B", help: "Draw these views, such as text,map,why." },
  out: { value: "FILE", help: "figure: where to; its ending is .svg or .csv." },
  moment: { value: "N", help: "figure: when the text was N tokens long (default: its end)." },
  compaction: { value: "N", help: "figure: just after this compaction." },
  token: { value: "N", help: "figure: with the token at this position selected." },
  find: { value: "WORD", help: "figure: with the first token selected that holds WORD." },
  layer: { value: "L", help: "figure: of this layer (default 0)." },
  head: { value: "H", help: "figure: of this KV head (default 0)." },
  chain: { value: "N", help: "figure: of this chain (default 1)." },
  width: {
    value: "PX",
    help: "figure: 96 to an inch (default 661: a page of 175 mm; a column of 85 mm has 321).",
  },
  columns: { value: "N", help: "figure: views beside one another, 1 or 2 (default 1)." },
  theme: { value: "T", help: "figure: light, on white (default), or dark." },
};

const largest = 10_000_000;
const formats = [".svg", ".csv"] as const;

export function refuseWithoutFigure(args: Arguments): void {
  const lost = Object.keys(figureOptions).find((name) => args.text(name) !== undefined);
  if (lost !== undefined)
    throw new UsageError(`--${lost} is for a figure: say which one with --figure VIEW.`);
}

export async function writeFigure(file: string, args: Arguments): Promise<ExitCode> {
  if (args.flag("json") || args.flag("csv"))
    throw new UsageError("Give --figure alone; for its numbers as CSV, let --out end in .csv.");
  const { out, format } = outOf(args);
  // Views and what lays them out are loaded for those alone who ask for a figure.
  const exporter = await import("../../../webview/inspector/export/fromTrace");
  const wish = wishOf(args, exporter.viewNames);
  if (format === ".csv" && wish.views.length > 1)
    throw new UsageError("A CSV holds the numbers of one view: name one with --figure.");
  const text = await withTraceBytes(file, async (bytes) => {
    const subject = await exporter
      .subjectOf(bytes, path.basename(file), placeOf(args))
      .catch(misnamed(exporter));
    if (subject.problem !== undefined) aside.say(`Left out: ${subject.problem}`);
    if (format === ".csv") return (await exporter.numbersOf(subject, wish.views[0]))[0].text;
    const theme = args.choice("theme", ["light", "dark"]) === "dark" ? "night" : "paper";
    return exporter.figureOf(subject, wish, exporter[theme]);
  });
  await writeFile(out, text).catch(unwritten(out));
  aside.say(`Wrote ${args.text("out")}.`);
  return exitCodes.done;
}

function outOf(args: Arguments) {
  const out = args.text("out");
  if (out === undefined) throw new UsageError("Say where to with --out FILE.svg or FILE.csv.");
  const ending = path.extname(out).toLowerCase();
  const format = formats.find((known) => known === ending);
  if (format) return { out: path.resolve(out), format };
  if (ending === ".png")
    throw new UsageError(
      "PNG needs a browser: save as SVG here, or export the figure from rkv-lens serve.",
    );
  throw new UsageError(`--out cannot be “${out}”: let it end in ${formats.join(" or ")}.`);
}

function wishOf(args: Arguments, known: readonly Exporter.ViewName[]): Exporter.Wish {
  const names = (args.text("figure") ?? "").split(",").map((word) => word.trim());
  const views = names.map((name) => {
    const found = known.find((view) => view.toLowerCase() === name.toLowerCase());
    if (found) return found;
    throw new UsageError(`There is no view “${name}”; there are ${known.join(", ")}.`);
  });
  return {
    views,
    columns: args.integer("columns", [1, 2]) === 2 ? 2 : 1,
    width: args.integer("width", [240, 4_000]) ?? 661,
  };
}

function placeOf(args: Arguments) {
  const number = (name: string) => args.integer(name, [0, largest]);
  alone(args, "token", "find");
  alone(args, "moment", "compaction");
  return {
    chain: number("chain"),
    moment: number("moment"),
    compaction: number("compaction"),
    token: number("token"),
    find: args.text("find"),
    layer: number("layer"),
    head: number("head"),
  };
}

function alone(args: Arguments, one: string, other: string): void {
  if (args.text(one) !== undefined && args.text(other) !== undefined)
    throw new UsageError(`Give --${one} or --${other}, not both.`);
}

/** What the trace does not have was asked for by the command line. */
function misnamed({ NotInTraceError }: typeof Exporter): (error: unknown) => never {
  return (error) => {
    if (error instanceof NotInTraceError) throw new UsageError(error.message);
    throw error;
  };
}
