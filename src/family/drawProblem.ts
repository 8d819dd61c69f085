/** Draws problems of the family as tools/FAMILY.md says: same seed, same problems. */
import { Random } from "../shared/random";
import {
  fewestStatements,
  isHeldOut,
  largestValue,
  mostStatements,
  names,
  things,
  valueOf,
  type Problem,
  type Statement,
} from "./wordProblems";

/** `count` different held-out problems. */
export function heldOutProblems(seed: number, count: number): Problem[] {
  const random = new Random(seed);
  const drawn = new Map<string, Problem>();
  while (drawn.size < count) {
    const problem = drawProblem(random);
    if (isHeldOut(problem)) drawn.set(JSON.stringify(problem), problem);
  }
  return [...drawn.values()];
}

/** One problem, held out or not. */
export function drawProblem(random: Random): Problem {
  const people = random.sample(names, random.integer(fewestStatements, mostStatements));
  const rootShare = random.pick([0.05, 0.15, 0.3]);
  const lastShare = random.pick([0, 0, 0.5, 0.8, 1]);
  const known = new Map<string, number>();
  const statements = people.map((name) => {
    const isRoot = known.size === 0 || random.next() < rootShare;
    const statement: Statement = isRoot
      ? { kind: "has", name, amount: random.integer(0, largestValue) }
      : drawRelation(random, name, known, lastShare);
    known.set(name, valueOf(statement, known));
    return statement;
  });
  const target = random.next() < 0.4 ? people[people.length - 1] : random.pick(people);
  return { thing: random.pick(things), statements, target };
}

function drawRelation(
  random: Random,
  name: string,
  known: ReadonlyMap<string, number>,
  lastShare: number,
): Statement {
  const people = [...known.keys()];
  const other = random.next() < lastShare ? people[people.length - 1] : random.pick(people);
  const value = known.get(other) as number;
  const kind = random.pick(kindsFor(value));
  if (kind === "twice" || kind === "half") return { kind, name, other };
  const limit = kind === "fewer" ? value : largestValue - value;
  return { kind, name, amount: drawAmount(random, limit), other };
}

/** 0 doubles and halves to itself, so a chain would hardly ever leave it: there, more is likelier. */
function kindsFor(value: number): ("fewer" | "more" | "twice" | "half")[] {
  if (value === 0) return ["more", "more", "more", "twice", "half"];
  if (value === largestValue) return ["fewer"];
  return [
    "fewer",
    "more",
    ...(2 * value <= largestValue ? (["twice"] as const) : []),
    ...(value % 2 === 0 ? (["half"] as const) : []),
  ];
}

/** 1 to limit, small ones more often. */
function drawAmount(random: Random, limit: number): number {
  if (limit < 1) return 0;
  return random.integer(1, random.next() < 0.6 ? Math.min(limit, 20) : limit);
}
