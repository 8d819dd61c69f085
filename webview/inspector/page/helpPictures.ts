/** What each view looks like where there is little to see: made up, and named where it matters. */
import { type Cells, type Mark, type Plot, type Scene, type Word } from "../scene/scene";
import type { ViewName } from "../views";

const noTable: Scene["table"] = () => ({ columns: [], rows: [] });

const scene = (plots: Plot[], legend?: Scene["legend"]): Scene => {
  return { sentence: "", plots, legend, table: noTable };
};

/** [lines][columns] as a matrix, a digit a cell: 9 for 1; a space for nothing. */
function cellsOf(lines: string[], scale: Cells["scale"]): Cells {
  const digits = lines.join("").replaceAll(" ", "x").split("");
  const values = Float32Array.from(digits, (digit) => Number(digit) / 9);
  return { columns: lines[0].length, values, scale, parted: { x: 1, y: 1 } };
}

interface Named {
  names: (line: number) => string;
  above?: Word[];
  below?: Word[];
  marks?: Mark[];
}

function matrix(lines: string[], scale: Cells["scale"], named: Named): Plot {
  const { names, above = [], below = [], marks = [] } = named;
  return {
    x: { domain: [0, lines[0].length] },
    y: { domain: [0, lines.length], labels: { count: lines.length, name: names } },
    cells: [cellsOf(lines, scale)],
    layers: [{ name: "marks", marks }],
    above: [{ name: "above", words: above }],
    below: [{ name: "below", words: below }],
  };
}

const layer = (index: number): string => `L${index}`;
const step = (index: number): string => (index === 0 ? "Prompt" : `Step ${index}`);
const held = { scale: "held" } as const;

/** A text that says of itself what holds it. */
function text(): Scene {
  const shares = [1, 0.75, 0.5, 0.25, 0, NaN];
  const words = [" all", " most", " half", " few", " none", " unwritten"];
  const look = (position: number) => {
    const share = shares[position];
    const [isPointed, isFound, isPaired] = [false, false, false];
    return { held: share, isSelected: false, isNewest: share === 0, isPointed, isFound, isPaired };
  };
  const paragraphs = [{ name: "Held by", from: 0, to: shares.length, held: 0.5 }];
  const flow = { source: words, paragraphs, text: (at: number) => words[at], look };
  return {
    sentence: "",
    plots: [],
    flow: { ...flow, reveals: [], moment: undefined },
    table: noTable,
  };
}

const map = scene([
  matrix(["74020100000200010099999", "30100000200000100399999", "99420100010010000599999"], held, {
    names: layer,
    above: [
      { at: 1.5, text: "prompt" },
      { at: 20.5, text: "newest tokens" },
    ],
    below: [
      { at: 9, text: "long forgotten" },
      { at: 21.5, text: "window", look: "mark-quiet" },
    ],
    marks: [
      { mark: "box", x: [0, 4], look: "prompt-frame" },
      { mark: "box", x: [20, 23], look: "window-frame" },
    ],
  }),
]);

const near = { scale: "similar", above: 0.5 } as const;

const redundancy = scene(
  [
    {
      ...matrix(
        [
          "92121181",
          "29211218",
          "12921121",
          "21292112",
          "12129211",
          "11212921",
          "81121192",
          "18212129",
        ],
        near,
        { names: (line) => ["has", "6", "", "", "", "", "has", "6"][line] },
      ),
      isSquare: true,
    },
  ],
  {
    ramp: { scale: near, high: "same key", low: "unlike" },
    words: ["off the diagonal:", "said twice"],
  },
);

const alike = { scale: "alike", most: 1 } as const;

const stepRedundancy = scene(
  [
    {
      ...matrix(["92131", "29272", "12912", "37193", "12239"], alike, { names: step }),
      isSquare: true,
    },
  ],
  {
    ramp: { scale: alike, high: "say the same", low: "unlike" },
    words: ["here steps 1", "and 3"],
  },
);

/** Twelve candidates, eight of which are kept. */
const why = scene(
  [
    {
      x: { domain: [0, 12] },
      y: { domain: [10, -5], labels: { values: [{ at: 0, text: "0" }] } },
      bars: [
        {
          along: "x",
          bars: [9, 7, 5, 4, 3, 2, 2, 1, 1, 0.5, 0.5, 0].flatMap((up, rank) => {
            const x: [number, number] = [rank, rank + 1];
            const isFaint = rank >= 8;
            const down = -2 - ((rank * 3) % 4) / 2;
            return [
              { x, y: [up, 0], fill: "importance", isFaint },
              { x, y: [0, down], fill: "redundancy", isFaint },
            ] as const;
          }),
        },
      ],
      layers: [{ name: "cut", marks: [{ mark: "rule", x: 8, look: "cut" }] }],
      above: [
        {
          name: "above",
          words: [
            { at: 8, text: "kept", side: "before", look: "strong" },
            { at: 8, text: "evicted", side: "after", look: "strong" },
          ],
        },
      ],
      below: [{ name: "below", words: [{ at: "start", text: "best score first →" }] }],
    },
  ],
  {
    keys: [
      { fill: "importance", text: "λ·importance" },
      { fill: "redundancy", text: "(1−λ)·redundancy" },
    ],
    words: [],
  },
);

const overTime = ["98764433", " 9865422", "   98421", "     965", "       9"];

const survival = scene([
  matrix(overTime, held, {
    names: step,
    below: [{ at: "end", text: "compaction after compaction →" }],
  }),
]);

const evicted = scene([
  matrix(
    ["11111100", " 1113110", "   16320", "     135", "       1"],
    { scale: "count", most: 1 },
    {
      names: step,
      below: [
        { at: "start", text: "strong: much went here" },
        { at: "end", text: "compaction →" },
      ],
    },
  ),
]);

const whatIf = scene([
  {
    x: { domain: [0, 100] },
    y: { domain: [1, -1] },
    layers: [
      { name: "axis", marks: [{ mark: "rule", y: 0, look: "line" }] },
      { name: "saved", marks: [{ mark: "pins", x: [12, 40, 47], to: 0.9, look: "saved-pin" }] },
      { name: "lost", marks: [{ mark: "pins", x: [25, 63, 80], to: -0.9, look: "lost-pin" }] },
    ],
    above: [{ name: "above", words: [{ at: "start", text: "retained instead", look: "blue" }] }],
    below: [
      { name: "below", words: [{ at: "start", text: "evicted instead", look: "mark-quiet" }] },
    ],
  },
]);

const cost = scene([
  {
    x: { domain: [0, 10] },
    y: { domain: [3, 0], labels: { values: [{ at: 0, text: "0" }] } },
    layers: [
      {
        name: "kl",
        marks: [
          {
            mark: "curve",
            points: [0, 0, 0.1, 0, 2.6, 0.4, 0.2, 0.6, 0.1, 0.2, 0.1].map((kl, at) => [at, kl]),
            look: "divergence",
          },
        ],
      },
    ],
    above: [
      {
        name: "above",
        words: [{ at: 4, text: "what was evicted is missed here", look: "mark-quiet" }],
      },
    ],
    below: [{ name: "below", words: [{ at: "end", text: "text →" }] }],
  },
]);

/** Held by both, only here, only there, or by none. */
const sides = { b: 0, h: 1, t: -1, n: 2 } as const;

function differenceOf(lines: string[]): Cells {
  const letters = lines.join("").split("") as (keyof typeof sides)[];
  const values = Float32Array.from(letters, (letter) => sides[letter]);
  return { columns: lines[0].length, values, scale: { scale: "difference" }, parted: { y: 1 } };
}

const compared = ["bhbnntnbbb", "bbnthnhbbb", "tbnnbnhbbb"];
const compare = scene(
  [{ ...matrix(compared, held, { names: layer }), cells: [differenceOf(compared)] }],
  {
    keys: [
      { fill: "onlyThis", text: "only here" },
      { fill: "both", text: "by both" },
      { fill: "onlyOther", text: "only there" },
    ],
    words: [],
  },
);

const votes = ["24", "6", "24", "24"];
const chains = scene([
  matrix(
    ["9919299", "3912191", "8919399", "9929199"],
    { scale: "heldAtEnd" },
    {
      names: (line) => votes[line],
      above: [{ at: "start", text: "the prompt, chain by chain" }],
      below: [{ at: 0.5, text: "the second lost this", look: "mark-quiet" }],
    },
  ),
]);

export const helpPictures: Partial<Record<ViewName, Scene>> = {
  text: text(),
  map,
  redundancy,
  stepRedundancy,
  why,
  survival,
  evicted,
  whatIf,
  cost,
  compare,
  chains,
};
