/**
 * A run of 200 tokens a second in the inspector: how long a token takes from the writer to the
 * screen, and how many messages that takes. The trace is a synthetic one, written anew at that pace
 * by the writer of every run, and served by the browser host.
 */
import { watchLive } from "../test/support/liveRun";
import { median, printTable } from "./support/table";

const tokensPerSecond = 200;
const shape = { tokens: 3_000, layers: 28, kvHeads: 2, headDim: 128, compactions: 22, budget: 256 };

async function main(): Promise<void> {
  const { messages, lags, whileHidden } = await watchLive({ ...shape, seed: 1 }, tokensPerSecond);
  lags.sort((a, b) => a - b);
  printTable(
    `A live run of ${tokensPerSecond} tokens/s, ${shape.layers} layers × 2 KV heads × 128`,
    [
      {
        "messages/s to the page": messages.toPage.toFixed(1),
        "messages/s from the page": messages.fromPage.toFixed(1),
        "token to screen, median": `${median(lags).toFixed(0)} ms`,
        p95: `${lags[Math.floor(lags.length * 0.95)].toFixed(0)} ms`,
        "messages while hidden": String(whileHidden),
      },
    ],
  );
}

void main();
