/** Reads a typed question as a problem of the family, or says in one sentence why it is none. */
import {
  fewestStatements,
  largestValue,
  mostStatements,
  names,
  things,
  valueOf,
  type Problem,
  type Statement,
} from "./wordProblems";

class OutsideFamilyError extends Error {}

const example = "“Ned has 32 cards. Ava has 10 fewer than Ned. … How many cards does Ava have?”";

/**
 * The problem that the question poses; capitals, spaces and line breaks don't matter. Where it is
 * none of the family: one sentence that says why.
 */
export function readProblem(question: string): Problem | string {
  try {
    return read(question.toLowerCase().replace(/\s+/g, " ").trim());
  } catch (error) {
    if (!(error instanceof OutsideFamilyError)) throw error;
    return `This model was made for word problems such as ${example} In this question ${error.message}, so don't trust the answer.`;
  }
}

function read(text: string): Problem {
  const sentences = text.match(/[^.?]+[.?]?/g)?.map((sentence) => sentence.trim()) ?? [];
  const question = sentences.pop() ?? "";
  const asked = /^how many (\S+) does (\S+) have ?\?$/.exec(question);
  if (!asked) outside("the last sentence is not “How many … does … have?”");
  const thing = thingOf(asked[1]);
  const statements = sentences.map((sentence) => readStatement(sentence, thing));
  checkStatements(statements);
  const target = nameOf(asked[2]);
  if (!statements.some(({ name }) => name === target)) outside(`nothing says what ${target} has`);
  return { thing, statements, target };
}

function readStatement(sentence: string, thing: string): Statement {
  const has = /^(\S+) has (\d+) ([^\s.]+) ?\.$/.exec(sentence);
  if (has && thingOf(has[3]) !== thing) outside(`there are both ${has[3]} and ${thing}`);
  if (has) return { kind: "has", name: nameOf(has[1]), amount: amountOf(has[2]) };
  const difference = /^(\S+) has (\d+) (fewer|more) than ([^\s.]+) ?\.$/.exec(sentence);
  if (difference) {
    const [, name, amount, kind, other] = difference;
    return {
      kind: kind === "fewer" ? "fewer" : "more",
      name: nameOf(name),
      amount: amountOf(amount),
      other: nameOf(other),
    };
  }
  const ratio = /^(\S+) has (twice|half) as many as ([^\s.]+) ?\.$/.exec(sentence);
  if (!ratio) outside(`“${sentence.slice(0, 60)}” is not a statement of its kind`);
  const [, name, kind, other] = ratio;
  return { kind: kind === "twice" ? "twice" : "half", name: nameOf(name), other: nameOf(other) };
}

/** Each name is told once, before it is used, and every value is a whole number from 0 to 99. */
function checkStatements(statements: Statement[]): void {
  const count = statements.length;
  if (count < fewestStatements || count > mostStatements)
    outside(`${count} statements stand where it knows ${fewestStatements} to ${mostStatements}`);
  const known = new Map<string, number>();
  for (const statement of statements) {
    const { name } = statement;
    if (known.has(name)) outside(`it is said twice what ${name} has`);
    if ("other" in statement && !known.has(statement.other))
      outside(`${statement.other} is used before it is said what ${statement.other} has`);
    const value = valueOf(statement, known);
    if (!Number.isInteger(value)) outside(`${name} would have half of an odd number`);
    if (value < 0 || value > largestValue)
      outside(`${name} would have ${value}, and it only knows 0 to ${largestValue}`);
    known.set(name, value);
  }
}

function nameOf(word: string): string {
  const name = names.find((known) => known.toLowerCase() === word);
  return name ?? outside(`“${word}” is not one of the names it knows (${names.join(", ")})`);
}

function thingOf(word: string): string {
  if (things.includes(word)) return word;
  return outside(`“${word}” are not among the things it knows (${things.join(", ")})`);
}

function amountOf(digits: string): number {
  const amount = Number(digits);
  if (amount <= largestValue && String(amount) === digits) return amount;
  return outside(`${digits} is not a number from 0 to ${largestValue}`);
}

function outside(why: string): never {
  throw new OutsideFamilyError(why);
}
