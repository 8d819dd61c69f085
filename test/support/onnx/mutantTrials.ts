/** Mutated models through `check` in the real engine's process, which is started anew when it dies. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkModel } from "../../../src/client/models/checkModel";
import { EngineEndedError } from "../../../src/client/engine/engineEnd";
import { EngineProcess } from "../../../src/client/engine/engineProcess";
import type { Random } from "../../../src/shared/random";
import { ProcessMeter } from "../processMeter";
import { type Mutant, modelMutants } from "./modelMutants";

export const outcomes = ["passed", "refused", "crash reported", "failed", "hung"] as const;

/**
 * “crash reported”: the engine died, and the report says that the file makes it. “failed”: an error
 * came that is no report. “hung”: no answer in time.
 */
export type Outcome = (typeof outcomes)[number];

export interface Trial {
  mutant: Mutant;
  outcome: Outcome;
  /** What was reported, or thrown. */
  words: string;
  /** By the clock, or of the engine's work where that is less: machines that test are busy ones. */
  millis: number;
  /** The most the engine held meanwhile; NaN where the system does not tell. */
  megabytes: number;
}

const patienceMillis = 60_000;
const sideBySide = 2;
/** What one engine leaks must not look like a mutant's doing. */
const mutantsAnEngine = 500;

/** onTrial: called after each mutant; what it throws ends the rest. */
export async function tryMutants(
  times: number,
  random: Random,
  onTrial: (trial: Trial) => void,
): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), "rkv-lens-mutants-"));
  const before = process.env.XDG_CACHE_HOME;
  // Engines remember crashes among the person's caches.
  process.env.XDG_CACHE_HOME = home;
  const next = modelMutants(random);
  let left = times;
  const tryOn = async (line: TrialLine): Promise<void> => {
    try {
      while (left-- > 0) onTrial(await line.try(next()));
    } finally {
      left = 0;
      await line.end();
    }
  };
  const folders = Array.from({ length: sideBySide }, (_, i) => path.join(home, `model-${i}`));
  const lines = folders.map((folder) => tryOn(new TrialLine(folder)));
  await Promise.allSettled(lines);
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  await rm(home, { recursive: true });
  await Promise.all(lines);
}

/** One mutant after the other, with one engine as long as it lives. */
class TrialLine {
  private engine = startEngine();
  private tries = 0;

  constructor(private readonly folder: string) {}

  async try(mutant: Mutant): Promise<Trial> {
    if (++this.tries % mutantsAnEngine === 0) {
      await this.end();
      this.engine = startEngine();
    }
    await writeModel(this.folder, mutant);
    const meter = new ProcessMeter(this.engine.pid ?? 0);
    const began = performance.now();
    const ended = await this.check();
    const passed = performance.now() - began;
    const { megabytes, workMillis } = meter.end();
    return { mutant, ...ended, millis: Math.min(passed, workMillis || passed), megabytes };
  }

  end(): Promise<void> {
    return this.engine.dispose();
  }

  private async check(): Promise<{ outcome: Outcome; words: string }> {
    const { engine } = this;
    let hasEnded = false;
    void engine.ended.then(() => (hasEnded = true));
    const timer = setTimeout(() => engine.kill("as its time was over"), patienceMillis);
    try {
      const report = await checkModel(engine, { folder: this.folder, device: "cpu" });
      if (report.supported) return { outcome: "passed", words: "" };
      return { outcome: hasEnded ? "crash reported" : "refused", words: report.reason ?? "" };
    } catch (error) {
      const isOver = error instanceof EngineEndedError && error.end.because !== undefined;
      return { outcome: isOver ? "hung" : "failed", words: String(error) };
    } finally {
      clearTimeout(timer);
      if (hasEnded) this.engine = startEngine();
    }
  }
}

function startEngine(): EngineProcess {
  return new EngineProcess({ script: path.resolve("dist/engine.js") });
}

async function writeModel(folder: string, { model, weights }: Mutant): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await writeFile(path.join(folder, "model.onnx"), model);
  if (weights) await writeFile(path.join(folder, "model.onnx.data"), weights);
}
