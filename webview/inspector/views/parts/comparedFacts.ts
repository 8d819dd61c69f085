/** What two runs came to, side by side: as two columns of words, and as a table. */
import { max } from "d3";
import { bytes, count, counted, rate } from "../../../../src/shared/units";
import { answerOf } from "../../model/answer";
import { commonLength } from "../../model/comparison";
import { bytesAt, momentAt } from "../../model/moment";
import { cut } from "../../model/numbers";
import type { Run } from "../../model/run";
import { namesOf } from "../../model/runNames";
import { settingWords } from "../../model/runWords";
import type { Bar, Plot, Size, Word, Words } from "../../scene/scene";
import type { Table } from "../../scene/table";

export function figureTable(run: Run, other: Run | undefined): Table {
  const rows = other ? figures.map(([name, value]) => [name, value(run), value(other)]) : [];
  return { columns: ["", "this run", "the other"], rows };
}

const figures: [name: string, value: (run: Run) => string | number][] = [
  ["settings", (run) => settingWords(run, run.tokens).join(" · ")],
  ["answer", (run) => answerOf(run) ?? ""],
  ["tokens", (run) => run.tokens],
  ["compactions", (run) => run.compactions.length],
  ["cache held at the end", (run) => bytes(heldAtEnd(run))],
  ["cache held at most", (run) => bytes(heldAtMost(run))],
  ["full cache", (run) => bytes(bytesAt(run, momentAt(run, run.tokens)).full)],
  ["speed, tokens/s", speedOf],
  ["stopped because", (run) => run.end?.stopReason ?? ""],
  ["last words", (run) => run.texts.slice(-12).join("")],
];

const heldAtEnd = (run: Run): number => bytesAt(run, momentAt(run, run.tokens)).held;
const heldAtMost = (run: Run): number =>
  Math.max(heldAtEnd(run), max(run.compactions, ({ bytesBefore }) => bytesBefore) ?? 0);

/** Of all its chains together; “–” where the trace has no figures. */
function speedOf({ figures }: Run): string {
  const last = figures.at(-1);
  return last ? rate(last.tokensPerSecond) : "–";
}

/** In pixels. */
const barHeight = 15;
/** Room, in pixels, from which on two facts have a line. */
const roomy = 600;
/** Of a line for a letter, so that wide ones have room. */
const letter = 8;

/** A column for each run, its facts over a bar of its length. */
export function factPlots(run: Run, other: Run, { width }: Size): Plot[] {
  const common = commonLength(run, other);
  const names = namesOf(run, other);
  const longest = Math.max(1, run.tokens, other.tokens);
  return [run, other].map((one, column) => {
    const bars: Bar[] = [
      { x: [0, common], y: [0, 1], fill: "both" },
      { x: [common, one.tokens], y: [0, 1], fill: column === 0 ? "onlyThis" : "onlyOther" },
    ];
    const title: Words = line(names[column], column === 0 ? "blue" : "mark-quiet");
    return {
      place: { row: 0, column },
      x: { domain: [0, longest] },
      y: { domain: [0, 1], most: barHeight },
      least: 4,
      bars: [{ along: "y", bars: bars.filter(({ x: [from, to] }) => to > from) }],
      above: [title, ...factLines(one, width > roomy)].toReversed(),
      below: [line(goesOn(one, common, width / 2 / letter))],
      at: (x) => ({ moment: x }),
    };
  });
}

function line(text: string, look?: Word["look"]): Words {
  return { name: "fact", words: [{ at: "start", text, look }] };
}

function factLines(run: Run, isRoomy: boolean): Words[] {
  const answer = answerOf(run);
  const { chains } = run.header;
  const speed = `${speedOf(run)} tokens/s${chains > 1 ? ` in ${chains} chains` : ""}`;
  const pairs = [
    [counted(run.tokens, "token"), speed],
    [`${bytes(heldAtEnd(run))} at the end`, `${bytes(heldAtMost(run))} at most`],
  ];
  return [
    line(answer === undefined ? "no answer" : `answers ${cut(answer)}`, "strong"),
    line(settingsOf(run)),
    ...(isRoomy ? pairs.map((pair) => pair.join(" · ")) : pairs.flat()).map((fact) => line(fact)),
  ];
}

/** What its policy and budget leave open. */
function settingsOf(run: Run): string {
  if (run.settings.length === 0) return "settings unknown";
  const [, , ...rest] = settingWords(run, run.tokens);
  return rest.join(", ") || "evicts nothing";
}

/** What a run says from a place on, in so many letters. */
function goesOn({ texts }: Run, from: number, letters: number): string {
  if (from >= texts.length) return "";
  return cut(`from ${count(from)}: ${texts.slice(from, from + 12).join("")}`, Math.floor(letters));
}
