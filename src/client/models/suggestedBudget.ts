/** The budget that suits a model's chains, by its own word, read without loading it. */
import * as z from "zod";
import { type Budget, parseBudget } from "../../shared/settings/budget";
import { modelJson } from "./modelJson";

const ownWords = z.object({ budget: z.string().transform(parseBudget) });

export async function suggestedBudgetOf(folder: string): Promise<Budget | undefined> {
  return (await modelJson(folder, "rkv-lens.json", ownWords))?.budget;
}
