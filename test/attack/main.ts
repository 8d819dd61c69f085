/** `npm run attack`: runs the attacks named, or all, and prints a table. */
import { parseArgs } from "node:util";
import { Random } from "../../src/shared/random";
import type { Attack } from "./attack";
import { attacks } from "./index";

interface Outcome {
  attack: Attack;
  result: "held" | "FELL" | "not here";
  seen: string;
  seconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: "string" }, seed: { type: "string", default: `${Date.now() % 1e6}` } },
});

void main();

async function main(): Promise<void> {
  const unknown = positionals.filter((id) => !attacks.some((attack) => attack.id === id));
  if (unknown.length > 0) {
    console.error(
      `There is no ${unknown.join(", ")}; there are ${attacks.map(({ id }) => id).join(", ")}.`,
    );
    process.exit(2);
  }
  const wanted = attacks.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
  const outcomes: Outcome[] = [];
  for (const attack of wanted) outcomes.push(await tried(attack));
  printTable(outcomes);
  process.exit(outcomes.some(({ result }) => result === "FELL") ? 1 : 0);
}

async function tried(attack: Attack): Promise<Outcome> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const missing = attack.absent?.();
  if (missing) return { attack, result: "not here", seen: missing, seconds: 0 };
  console.error(`${attack.id}: ${attack.what} …`);
  const tell = (progress: string) => console.error(`  ${seconds()} s: ${progress}`);
  try {
    const times = Number(values.times ?? attack.long);
    const seen = await attack.run(times, new Random(Number(values.seed)), tell);
    return { attack, result: "held", seen, seconds: seconds() };
  } catch (error) {
    console.error(error);
    return { attack, result: "FELL", seen: String(error).split("\n")[0], seconds: seconds() };
  }
}

function printTable(outcomes: readonly Outcome[]): void {
  console.log(`Seed ${values.seed}; repeat one by: npm run attack -- ID --seed ${values.seed}`);
  for (const { attack, result, seen, seconds } of outcomes)
    console.log(`${attack.id.padEnd(4)} ${result.padEnd(8)} ${seconds} s  ${attack.what}: ${seen}`);
}
