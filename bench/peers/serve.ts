/** The other end of a race: reads a text, and decodes token by token, when it is told to. */

/** What can be asked of a runner. */
export interface Asked {
  /** Reads so many tokens first, and forgets what was read before. */
  tokens?: number;
  /** Decodes so many more. */
  steps: number;
}

export interface Answered {
  /** Of each piece of work, the reading first. */
  millis: number[];
  /** What the process holds. */
  bytes: number;
}

/** What takes part in a race. */
export interface Runner {
  read(tokens: number): Promise<void>;
  step(): Promise<unknown>;
}

/** What everybody reads: ids that all vocabularies have. */
export function someIds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + ((i * 17) % 60));
}

/** Serves this process's parent until that ends it. */
export function serve(runner: Runner): void {
  const answer = async ({ tokens, steps }: Asked): Promise<void> => {
    const millis: number[] = [];
    if (tokens !== undefined) millis.push(await timed(() => runner.read(tokens)));
    for (let i = 0; i < steps; i++) millis.push(await timed(() => runner.step()));
    process.send?.({ millis, bytes: process.memoryUsage.rss() } satisfies Answered);
  };
  process.on("message", (asked: Asked) => void answer(asked));
  process.send?.("ready");
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
