/**
 * What models that were made for one kind of question can answer. A model's folder names its family
 * in rkv-lens.json; a new family is a new row.
 */
import { readProblem } from "./readProblem";

export interface Family {
  /** One sentence, shown with the model. */
  scope: string;
  /** One or two sentences where the question is outside of what the model was made for. */
  hintFor(question: string): string | undefined;
}

const families: Record<string, Family> = {
  "word-problems": {
    scope:
      "Made for one kind of word problem, who has how many of a thing, and for nothing else; it knows 16 names, 6 things and the numbers 0 to 99.",
    hintFor: (question) => {
      const reading = readProblem(question);
      return typeof reading === "string" ? reading : undefined;
    },
  },
};

/** Undefined for a general model, and for a family that is not known here. */
export function familyNamed(name: string | undefined): Family | undefined {
  return name !== undefined && Object.hasOwn(families, name) ? families[name] : undefined;
}
