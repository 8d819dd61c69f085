/**
 * What 20,000 tokens at a fixed budget leave behind: bytes of the cache after the first compaction
 * and at the end, how fast the engine's memory grows, and whether a token takes longer at the end
 * than at first, with a trace written all the while. A folder and a number of tokens may follow.
 */
import { soak } from "../test/support/soakRun";
import { printTable } from "./support/table";

const [folder = "media/model", tokens = "20000"] = process.argv.slice(2);

async function main(): Promise<void> {
  const seen = await soak(folder, Number(tokens));
  printTable(`${seen.tokens} tokens of ${folder} at budget 256 + buffer 128`, [
    {
      "largest cache after the first compaction": `${seen.peaks[0]} B`,
      "at the end": `${seen.peaks[1]} B`,
      compactions: String(seen.compactions),
      "process memory per 1,000 tokens": `${seen.growth.toFixed(2)} MB`,
      "ms a token, first and last quarter": seen.paces.map((pace) => pace.toFixed(2)).join(", "),
      "tokens a second": seen.tokensPerSecond.toFixed(0),
    },
  ]);
}

void main();
