/**
 * The family of word problems that the bundled model was made for: what they say and what is true
 * in them. The same as tools/problems.py; tools/FAMILY.md has it in words.
 */
export const names = "Ava Ben Cal Dan Eve Fay Gus Hal Ida Jon Kim Leo Mia Ned Oli Pam".split(" ");
export const things = "coins shells cards books pears keys".split(" ");
export const fewestStatements = 3;
export const mostStatements = 16;
export const largestValue = 99;

export type Statement =
  | { kind: "has"; name: string; amount: number }
  | { kind: "fewer" | "more"; name: string; amount: number; other: string }
  | { kind: "twice" | "half"; name: string; other: string };

export interface Problem {
  thing: string;
  statements: Statement[];
  /** Whose things are asked for. */
  target: string;
}

/** The problem in the words that the model was trained on. */
export function problemText({ thing, statements, target }: Problem): string {
  const facts = statements.map((statement) => statementText(statement, thing));
  return [...facts, `How many ${thing} does ${target} have?`].join(" ");
}

function statementText(statement: Statement, thing: string): string {
  switch (statement.kind) {
    case "has":
      return `${statement.name} has ${statement.amount} ${thing}.`;
    case "fewer":
    case "more":
      return `${statement.name} has ${statement.amount} ${statement.kind} than ${statement.other}.`;
    case "twice":
    case "half":
      return `${statement.name} has ${statement.kind} as many as ${statement.other}.`;
    default:
      return statement satisfies never;
  }
}

/** What everyone has. A half may be broken and a difference negative: see `readProblem`. */
export function values({ statements }: Problem): Map<string, number> {
  const known = new Map<string, number>();
  for (const statement of statements) known.set(statement.name, valueOf(statement, known));
  return known;
}

/** The answer; NaN where the one asked for has no statement. */
export function solve(problem: Problem): number {
  return values(problem).get(problem.target) ?? NaN;
}

/** What the one it is about has; NaN where the other one is not known. */
export function valueOf(statement: Statement, known: ReadonlyMap<string, number>): number {
  if (statement.kind === "has") return statement.amount;
  const other = known.get(statement.other) ?? NaN;
  switch (statement.kind) {
    case "fewer":
      return other - statement.amount;
    case "more":
      return other + statement.amount;
    case "twice":
      return 2 * other;
    case "half":
      return other / 2;
    default:
      return statement satisfies never;
  }
}

/** True for the 2 % of problems that training never saw: the only ones to measure with. */
export function isHeldOut(problem: Problem): boolean {
  return fnv1a32(problemText(problem)) % 100 < 2;
}

/** FNV-1a over the bytes of an ASCII text. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
