/** `npm run attack`: tries the attacks named, or all, and prints a table. */
import { exitCodes, UsageError } from "../../src/cli/exitCodes";
import { Random } from "../../src/shared/random";
import { useOwnCaches } from "../support/ownCaches";
import { type Asked, askedOf } from "./asked";
import type { Attack } from "./attack";
import { attacks } from "./index";
import { inLines, inMarkdown, type Outcome } from "./outcomes";

/** The newest progress of the attack that runs: what is known of it when it is stopped. */
let told = "";
const stray: unknown[] = [];
// A promise that nobody waits for is a fault of the attack that ran meanwhile, not the end of all.
process.on("unhandledRejection", (reason) => stray.push(reason));

useOwnCaches();
void main();

async function main(): Promise<void> {
  try {
    process.exitCode = await tryAll(askedOf(process.argv.slice(2), attacks));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = exitCodes.wrongUsage;
  }
  process.exit();
}

async function tryAll(asked: Asked): Promise<number> {
  const outcomes: Outcome[] = [];
  const show = (): void => {
    console.log(asked.markdown ? inMarkdown(outcomes) : inLines(outcomes));
    console.log(`\nSeed ${asked.seed}. To repeat one: npm run attack -- ID --seed ${asked.seed}`);
  };
  const stop = (attack: Attack, begin: number): void => {
    outcomes.push({ attack, result: "stopped", seen: told, millis: performance.now() - begin });
    show();
    process.exit(exitCodes.stopped);
  };
  for (const attack of asked.attacks) {
    const begin = performance.now();
    const onInterrupt = (): void => stop(attack, begin);
    process.once("SIGINT", onInterrupt);
    outcomes.push({ attack, ...(await tried(attack, asked)), millis: performance.now() - begin });
    process.off("SIGINT", onInterrupt);
  }
  show();
  return outcomes.some(({ result }) => result === "FELL") ? exitCodes.failed : exitCodes.done;
}

async function tried(attack: Attack, asked: Asked): Promise<Pick<Outcome, "result" | "seen">> {
  const missing = attack.absent?.();
  if (missing !== undefined) return { result: "not here", seen: missing };
  console.error(`${attack.id}: ${attack.what} …`);
  const began = performance.now();
  const tell = (progress: string): void => {
    told = progress;
    console.error(`  ${((performance.now() - began) / 1000).toFixed(0)} s: ${progress}`);
  };
  stray.length = 0;
  told = "";
  try {
    const times = asked.times ?? attack.long;
    const seen = await attack.run(times, new Random(asked.seed), tell);
    if (stray.length > 0) throw new Error("A promise was rejected unseen.", { cause: stray[0] });
    return { result: "held", seen };
  } catch (error) {
    console.error(error);
    return { result: "FELL", seen: String(error).split("\n")[0] };
  }
}
