/** `npm run bench -- mutants traces|models [SEED]`: 20,000 damaged files of a kind, and what became of them. */
import { mutateModels } from "./support/mutatedModels";
import { mutateTraces } from "./support/mutatedTraces";

const kinds: Record<string, ((seed: number) => Promise<void>) | undefined> = {
  traces: mutateTraces,
  models: mutateModels,
};

const [kind = "", seed = "7"] = process.argv.slice(2);
const mutate = kinds[kind];
if (mutate) void mutate(Number(seed));
else {
  console.error(`Name what to damage: ${Object.keys(kinds).join(" or ")}.`);
  process.exitCode = 2;
}
