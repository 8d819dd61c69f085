/** A scene as text to be read and compared: matrices as shades, numbers with three decimals. */
import type {
  Bars,
  Cells,
  Control,
  Layer,
  Legend,
  List,
  Mark,
  Plot,
  Scene,
  Word,
  Words,
} from "../../../webview/inspector/scene/scene";

const shades = " ░▒▓█";
const mostColumns = 72;
const mostLines = 16;
const mostMarks = 6;
const mostListed = 5;

export function sceneText(scene: Scene): string {
  const { sentence, aside, plots, instead, list, legend, flow, controls = [], arrows } = scene;
  const table = scene.table();
  const rows = Array.from({ length: Math.min(3, table.rows.length) }, (_, index) =>
    (table.rows.at(index) ?? []).map(cell).join(" | "),
  );
  return [
    `sentence: ${sentence}`,
    ...(aside === undefined ? [] : [`a look aside: compaction ${aside + 1}`]),
    ...(instead ? [`instead: ${instead.text}`] : []),
    ...plots.flatMap(plotLines),
    ...(legend ? [`legend: ${legendWords(legend).join(" · ")}`] : []),
    ...(flow ? flowLines(scene) : []),
    ...(list ? listLines(list) : []),
    ...controls.map(controlLine),
    ...(arrows ? [`arrows: ${JSON.stringify(arrows)}`] : []),
    `table: ${table.rows.length} rows of ${listed(table.columns, " | ")}`,
    ...rows.map((row) => `  ${row}`),
  ].join("\n");
}

const number = (value: number): string => String(Number(value.toFixed(3)));
const cell = (value: string | number): string =>
  typeof value === "number" ? number(value) : JSON.stringify(value.slice(0, 40));
const span = ([from, to]: readonly [number, number]): string => `${number(from)}…${number(to)}`;

function listed(things: readonly string[], between = ", ", most = 14): string {
  const more = things.length > most ? `${between}… ${things.length} in all` : "";
  return things.slice(0, most).join(between) + more;
}

function legendWords({ ramp, keys = [], words }: Legend): string[] {
  const ends = ramp ? [`${ramp.low} to ${ramp.high}`] : [];
  return [...ends, ...keys.map((key) => key.text), ...words];
}

function plotLines({
  x,
  y,
  place,
  cells = [],
  bars = [],
  layers = [],
  above = [],
  below = [],
}: Plot) {
  const { row, column } = place ?? { row: 0, column: 0 };
  const { labels } = y;
  const names = !labels
    ? []
    : "values" in labels
      ? labels.values.map(({ at, text }) => `${text} at ${number(at)}`)
      : "steps" in labels
        ? [`${labels.steps.length} steps`]
        : Array.from({ length: Math.min(3, labels.count) }, (_, index) => labels.name(index));
  return [
    `plot in row ${row}, column ${column}: x ${span(x.domain)}, y ${span(y.domain)}`,
    ...(names.length > 0 ? [`  names: ${names.join(", ")}`] : []),
    ...above.map((line) => `  above: ${wordsText(line)}`),
    ...cells.flatMap(cellLines),
    ...bars.map(barLine),
    ...layers.filter(({ marks }) => marks.length > 0).map(layerLine),
    ...below.map((line) => `  below: ${wordsText(line)}`),
  ];
}

function wordsText({ name, words = [], steps, bands }: Words): string {
  const said = steps
    ? steps.map(({ kind, from, to }) => `${kind} ${from}…${to}`)
    : bands
      ? [`${bands.count} bands from ${bands.name(0)} to ${bands.name(bands.count - 1)}`]
      : words.map(wordText);
  return `${name}: ${listed(said, ", ", 5)}`;
}

function wordText({ at, text, look }: Word): string {
  const where = typeof at === "number" ? number(at) : at;
  return `${text}${look ? ` (${look})` : ""} at ${where}`;
}

/** Every cell where there is room, else one of several. */
function cellLines({ columns, values, scale, x }: Cells): string[] {
  const lines = columns > 0 ? values.length / columns : 0;
  const across = picked(columns, mostColumns);
  const down = picked(lines, mostLines);
  const shade = (value: number): string => {
    if (Number.isNaN(value)) return "·";
    if (scale.scale === "difference") return "−=+ "[value + 1];
    return shades[Math.max(0, Math.min(4, Math.ceil(value * 4)))];
  };
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const kind = Object.values(scale).map(String).join(" ");
  return [
    `  cells: ${columns} × ${lines}, ${kind}${x ? `, x ${span(x)}` : ""}, mean ${number(mean)}`,
    ...down.map(
      (line) => `    |${across.map((at) => shade(values[line * columns + at])).join("")}|`,
    ),
  ];
}

function picked(count: number, most: number): number[] {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, index) => Math.floor((index * count) / length));
}

function barLine({ along, bars }: Bars): string {
  const told = bars.map(({ x, y, fill, isFaint }) => {
    const size = along === "x" ? Math.abs(y[1] - y[0]) : Math.abs(x[1] - x[0]);
    return `${fill} ${number(size)}${isFaint ? " faint" : ""}`;
  });
  return `  bars along ${along}: ${listed(told, ", ", mostMarks)}`;
}

function layerLine({ name, marks }: Layer): string {
  return `  ${name}: ${listed(marks.map(markText), "; ", mostMarks)}`;
}

function markText(mark: Mark): string {
  const points = (of: readonly (readonly number[])[]): string =>
    listed(
      of.map((point) => point.map(number).join(",")),
      " ",
      mostMarks,
    );
  switch (mark.mark) {
    case "box":
      return `${mark.look} ${mark.x ? span(mark.x) : "all"} × ${mark.y ? span(mark.y) : "all"}`;
    case "rule":
      return `${mark.look} at ${mark.x === undefined ? `y ${number(mark.y ?? NaN)}` : number(mark.x)}`;
    case "curve":
    case "area":
      return `${mark.look} ${points(mark.points)}`;
    case "pins":
      return `${mark.look} to ${mark.to} at ${listed(mark.x.map(number))}`;
    case "ticks":
      return `${mark.look} at ${listed(mark.x.map(number))}`;
    case "edge":
      return `${mark.look} ${mark.side} ${span(mark.span)}`;
    default:
      return mark satisfies never;
  }
}

function flowLines({ flow }: Scene): string[] {
  return (flow?.paragraphs ?? []).slice(0, mostLines).map(({ name, from, to, held }) => {
    const words = Array.from({ length: Math.min(24, to - from) }, (_, index) => {
      const look = flow?.look(from + index);
      const text = JSON.stringify(flow?.text(from + index).slice(0, 20)).slice(1, -1);
      const share = look ? number(look.held) : "";
      return look?.isSelected ? `[${text}:${share}]` : `${text}:${share}`;
    });
    return `paragraph ${name ?? "–"} ${from}…${to}, ${number(held)} held: ${words.join("")}`;
  });
}

function listLines({ title, lines, more = 0 }: List): string[] {
  const shown = lines.slice(0, mostListed).map(({ words, detail = "", target }) => {
    return `  ${words} | ${detail} → ${JSON.stringify(target)}`;
  });
  return [`list “${title}”: ${lines.length} lines and ${more} more`, ...shown];
}

function controlLine(control: Control): string {
  switch (control.control) {
    case "toggle":
      return `toggle ${control.label}: ${control.isOn ? "on" : "off"}`;
    case "find":
      return `find: “${control.text}”`;
    case "slider":
      return `slider ${control.label}: ${number(control.value)} of ${number(control.largest)}${control.isDisabled ? ", disabled" : ""}`;
    default:
      return control satisfies never;
  }
}
