/** What an evaluation asks: held-out problems of the bundled model's family, or a data set's. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { extractAnswer, markedAnswer, sameAnswer } from "../../shared/answers/answers";
import { heldOutProblems } from "../../family/drawProblem";
import { problemText, solve } from "../../family/wordProblems";
import { UsageError } from "../exitCodes";

export interface EvalProblem {
  question: string;
  answer: string;
}

const rowSchema = z
  .object({
    question: z.string().optional(),
    problem: z.string().optional(),
    answer: z.union([z.string(), z.number()]).optional(),
    solution: z.string().optional(),
  })
  .refine(({ question, problem }) => question !== undefined || problem !== undefined)
  .refine(({ answer, solution }) => answer !== undefined || solution !== undefined);

export function familyProblems(seed: number, count: number): EvalProblem[] {
  return heldOutProblems(seed, count).map((problem) => ({
    question: problemText(problem),
    answer: String(solve(problem)),
  }));
}

/**
 * The first `count` problems of a JSON array or of JSON lines with `question` or `problem`, and
 * `answer` or `solution`: GSM8K and MATH as they are. Throws a UsageError that names the place.
 */
export async function dataset(file: string, count: number): Promise<EvalProblem[]> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`The data set ${file} cannot be read; check its name.`);
  });
  const rows = text.trimStart().startsWith("[") ? jsonArray(text, file) : jsonLines(text, file);
  if (rows.length === 0)
    throw new UsageError(`The data set ${file} holds no problem; give a JSON array or JSON lines.`);
  return rows.slice(0, count).map((row, i) => {
    const parsed = rowSchema.safeParse(row);
    if (!parsed.success)
      throw new UsageError(
        `Problem ${i + 1} of ${file} needs “question” or “problem”, and “answer” or “solution”.`,
      );
    const { question, problem, answer, solution } = parsed.data;
    const said = String(answer ?? solution);
    return { question: question ?? problem ?? "", answer: markedAnswer(said) ?? said };
  });
}

export function isRight(problem: EvalProblem, reply: string): boolean {
  const answer = extractAnswer(reply);
  return answer !== undefined && sameAnswer(answer, problem.answer);
}

function jsonArray(text: string, file: string): unknown[] {
  const rows = json(text, file);
  return Array.isArray(rows) ? rows : [];
}

function jsonLines(text: string, file: string): unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, i) => json(line, `line ${i + 1} of ${file}`));
}

function json(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `The data set holds no JSON in ${place}; give a JSON array or JSON lines.`,
    );
  }
}
