/**
 * The decode loop, one for a chat's answer, the chains of one prompt and the questions of an
 * evaluation: read the prompts, then sample, push, feed and compact until every chain has ended.
 * What a person changes in mid-run takes effect between two steps.
 */
import type { CacheSettings, SamplingSettings } from "../../shared/settings/settings";
import { compactionDue } from "../compaction/due";
import type { Decoder } from "../decoder/decoder";
import type { ChainsByRow, RunRecorder } from "../trace/runRecorder";
import type { Chain } from "./chain";
import { prefill, type PrefillOptions } from "./prefill";
import { Sampler } from "./sampling";

export interface LoopOptions extends PrefillOptions {
  sampling: SamplingSettings;
  /** Absent where no trace is written. */
  recorder?: RunRecorder;
  /** After each layer of a compaction. */
  onLayer?: () => void;
  /** After each step: each chain has its next token, or its end, and is still in the decoder. */
  onStep?: () => void;
}

export class DecodeLoop {
  compactions = 0;
  /** The chains that each of the decoder's rows serves: several until they part after their prompt. */
  private rows: readonly (readonly Chain[])[];
  private readonly sampler: Sampler;
  private readonly promptLength: number;
  /** In force now. */
  private settings: CacheSettings;

  /** Chains whose prompts are the same object read it as one. */
  constructor(
    readonly decoder: Decoder,
    readonly chains: readonly Chain[],
    private readonly options: LoopOptions,
  ) {
    const prompts = [...new Set(chains.map(({ prompt }) => prompt))];
    this.rows = prompts.map((prompt) => chains.filter((chain) => chain.prompt === prompt));
    const streams = 1 + Math.max(...chains.map(({ stream }) => stream));
    this.sampler = new Sampler(options.sampling, decoder.model.vocabulary, streams);
    for (const { stream, ids } of chains) this.sampler.note(ids, stream);
    this.promptLength = prompts[0].ids.length;
    this.settings = options.control.cache;
    decoder.keepQueries(this.settings.observationWindow);
  }

  /**
   * Resolves when every chain has ended. Rejects with a NonFiniteLogitsError or a
   * NonFiniteScoreError where the model's numbers overflow, and then some have not.
   */
  async run(): Promise<void> {
    const { decoder, chains, options } = this;
    let logits = await this.readPrompts();
    while (logits && !options.control.isCancelled) {
      this.sample(logits);
      options.onStep?.();
      if (!(await this.dropEnded())) return;
      logits = await decoder.feed(this.rows.map(([{ ids }]) => [ids[decoder.position]]));
      await this.compactIfDue();
    }
    for (const chain of chains) chain.end("cancelled");
  }

  /** The chain whose text lies in the decoder's first row; one that ended last stays there. */
  get firstChain(): Chain {
    return this.rows[0][0];
  }

  /** As far as the shortest goes. Returns the logits that each chain begins with, [chains, vocabulary]. */
  private async readPrompts(): Promise<Float32Array | undefined> {
    const prompts = this.rows.map(([{ prompt }]) => prompt.ids);
    const shortest = Math.min(...prompts.map(({ length }) => length));
    const texts = prompts.map((ids) => ids.slice(0, shortest));
    const logits = await prefill(this.decoder, texts, this.options);
    if (!logits) return undefined;
    await this.compactIfDue();
    return this.part(logits);
  }

  /** Gives each chain a row of its own, with what its prompt's row came to. */
  private async part(logits: Float32Array): Promise<Float32Array> {
    const { decoder, rows } = this;
    const from = rows.flatMap((chains, row) => chains.map(() => row));
    await decoder.select(from);
    this.rows = rows.flat().map((chain) => [chain]);
    const { vocabulary } = decoder.model;
    const parted = new Float32Array(from.length * vocabulary);
    from.forEach((row, to) =>
      parted.set(logits.subarray(row * vocabulary, (row + 1) * vocabulary), to * vocabulary),
    );
    return parted;
  }

  /** A next token for every chain whose prompt is read. logits: [rows, vocabulary]. */
  private sample(logits: Float32Array): void {
    const { decoder, rows, sampler } = this;
    rows.forEach(([chain], row) => {
      if (chain.ids.length > decoder.position) return;
      const id = sampler.choose(logits, chain.stream, row);
      chain.push(id, sampler.logProb);
    });
  }

  /** Lets go of the chains that have ended; false where none goes on. */
  private async dropEnded(): Promise<boolean> {
    const going = this.rows.filter(([{ stopReason }]) => !stopReason);
    if (going.length === 0) return false;
    await this.decoder.select(going.map((row) => this.rows.indexOf(row)));
    this.rows = going;
    return true;
  }

  private async compactIfDue(): Promise<void> {
    const { decoder, compactions, promptLength } = this;
    const { sampling, recorder, onLayer } = this.options;
    const before = this.takeSettings();
    const { settings } = this;
    const { slots, position } = decoder;
    const cause = compactionDue(settings, { slots, position, promptLength }, before);
    if (!cause) return;
    const byRow: ChainsByRow = this.rows.map((chains) => chains.map(({ number }) => number));
    recorder?.keys(await decoder.takeNewKeys(), byRow);
    const compaction = await decoder.compact({
      settings,
      cause,
      promptLength,
      seed: sampling.seed,
      compaction: compactions,
      chains: byRow.map(([first]) => first),
      onLayer,
    });
    recorder?.compaction(compactions, compaction, byRow);
    this.compactions += 1;
  }

  /** Puts in force what a person has chosen meanwhile; returns the settings before, if they differ. */
  private takeSettings(): CacheSettings | undefined {
    const { decoder, settings: before, options } = this;
    const { control, recorder } = options;
    if (control.cache === before) return undefined;
    this.settings = control.cache;
    decoder.keepQueries(this.settings.observationWindow);
    recorder?.settings(decoder.position, this.settings);
    return before;
  }
}
