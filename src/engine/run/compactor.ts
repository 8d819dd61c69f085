/** Between two steps: asks whether a compaction is due under the settings in force, and does it. */
import type { CacheSettings } from "../../shared/settings/settings";
import type { Decoder } from "../decoder/decoder";
import { compactionDue } from "../compaction/due";
import type { RunControl } from "./runControl";
import type { RunRecorder } from "./runRecorder";

export class Compactor {
  compactions = 0;
  private settings: CacheSettings;

  constructor(
    private readonly decoder: Decoder,
    private readonly control: RunControl,
    private readonly promptLength: number,
    private readonly seed: number,
    private readonly onLayer: () => void,
  ) {
    this.settings = control.cache;
    decoder.keepQueries(this.settings.observationWindow);
  }

  /**
   * chains: the one in each of the decoder's rows.
   * Throws a NonFiniteScoreError, with the cache untouched, where scores overflowed.
   */
  async betweenSteps(recorder: RunRecorder, chains: readonly number[]): Promise<void> {
    const before = this.settings;
    this.settings = this.control.cache;
    const hasChanged = before !== this.settings;
    if (hasChanged) {
      this.decoder.keepQueries(this.settings.observationWindow);
      recorder.settings(this.decoder.position, this.settings);
    }
    const cause = compactionDue(this.settings, this.standing(), hasChanged ? before : undefined);
    if (!cause) return;
    const { settings, promptLength, seed, compactions, onLayer } = this;
    if (recorder.isRecording) recorder.keys(await this.decoder.takeNewKeys());
    const request = {
      settings,
      cause,
      promptLength,
      seed,
      compaction: compactions,
      chains,
      onLayer,
    };
    recorder.compaction(compactions, await this.decoder.compact(request));
    this.compactions += 1;
  }

  private standing() {
    const { slots, position } = this.decoder;
    return { slots, position, promptLength: this.promptLength };
  }
}
