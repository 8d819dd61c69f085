import type {
  CompactionRecord,
  DivergenceRecord,
  EndRecord,
  FiguresRecord,
  SettingsRecord,
  StepRecord,
  TokensRecord,
  TraceHeader,
} from "../../../src/shared/trace/records";
import type { TraceItem } from "../../../src/shared/trace/reader";
import { Divergences } from "./divergences";
import { Evictions } from "./evictions";
import { growingFloats, growingIntegers } from "./growingArray";

export interface Step {
  title: string;
  kind: StepRecord["kind"];
  from: number;
  /** First position after the step. */
  to: number;
}

/**
 * One chain of one run, as far as its trace was read. Text, evictions and figures are held;
 * scores and keys stay in the file. Records of other chains are passed over.
 */
export class Run {
  readonly ids = growingIntegers();
  readonly logProbs = growingFloats();
  readonly millis = growingFloats();
  readonly texts: string[] = [];
  readonly compactions: CompactionRecord[] = [];
  readonly figures: FiguresRecord[] = [];
  readonly settings: SettingsRecord[] = [];
  readonly evictions: Evictions;
  readonly divergences: Divergences;
  promptTokens = 0;
  end?: EndRecord;
  /** Counts what was taken in, for those who keep something derived. */
  version = 0;
  private readonly stepRecords: StepRecord[] = [];
  private known?: { version: number; steps: readonly Step[] };

  constructor(
    readonly header: TraceHeader,
    readonly chain = 0,
  ) {
    this.evictions = new Evictions(header.layers, header.kvHeads);
    this.divergences = new Divergences(header.layers, header.kvHeads);
  }

  get tokens(): number {
    return this.texts.length;
  }

  get steps(): readonly Step[] {
    if (this.known?.version !== this.version)
      this.known = { version: this.version, steps: this.makeSteps() };
    return this.known.steps;
  }

  /** Takes in the next record. Throws a RangeError where it contradicts what came before. */
  add(record: TraceItem): void {
    if ("chain" in record && record.chain !== this.chain) return;
    this.version++;
    switch (record.type) {
      case "settings":
        this.settings.push(record);
        return;
      case "tokens":
        return this.addTokens(record);
      case "step":
        return this.addStep(record);
      case "compaction":
        return this.addCompaction(record);
      case "compactionLayer": {
        const compaction = this.compactions.at(-1);
        if (compaction?.compaction !== record.compaction || record.layer >= this.header.layers)
          throw new RangeError(
            `Layer ${record.layer} of compaction ${record.compaction} does not belong where it stands.`,
          );
        const tokens = Math.min(compaction.position, this.tokens);
        this.evictions.record(record, this.compactions.length - 1, tokens);
        return;
      }
      case "figures":
        this.figures.push(record);
        return;
      case "divergence":
        return this.addDivergence(record);
      case "end":
        this.end = record;
        return;
      default:
        return record satisfies never;
    }
  }

  /** A step may be announced before its first token: none reaches beyond the text. */
  private makeSteps(): Step[] {
    const inText = (position = this.tokens): number => Math.min(position, this.tokens);
    return this.stepRecords.map(({ title, kind, firstPosition }, index) => ({
      title,
      kind,
      from: inText(firstPosition),
      to: inText(this.stepRecords[index + 1]?.firstPosition),
    }));
  }

  private addCompaction(record: CompactionRecord): void {
    const last = this.compactions.at(-1);
    if (last && record.position < last.position)
      throw new RangeError(
        `Compaction ${record.compaction} at ${record.position} comes after one at ${last.position}.`,
      );
    this.compactions.push(this.header.chains === 1 ? record : this.ownBytes(record, last));
  }

  /** Of several chains the trace has the bytes of all that were decoded together. */
  private ownBytes(record: CompactionRecord, last?: CompactionRecord): CompactionRecord {
    const { bytesPerToken } = this.header;
    const since = (record.position - (last?.position ?? 0)) * bytesPerToken;
    const bytesBefore = Math.min(record.bytesBefore, (last?.bytesAfter ?? 0) + since);
    const bytesAfter = Math.min(bytesBefore, record.budget * bytesPerToken);
    return { ...record, bytesBefore, bytesAfter };
  }

  private addTokens(record: TokensRecord): void {
    if (record.firstPosition !== this.tokens)
      throw new RangeError(
        `Tokens for position ${record.firstPosition} came when the text was ${this.tokens} long.`,
      );
    this.ids.setAll(record.firstPosition, record.ids);
    this.logProbs.setAll(record.firstPosition, record.logProbs);
    this.millis.setAll(record.firstPosition, record.millis);
    for (const text of record.texts) this.texts.push(text);
    if (record.isPrompt) this.promptTokens = this.tokens;
  }

  private addStep(record: StepRecord): void {
    const last = this.stepRecords.at(-1);
    if (last && record.firstPosition < last.firstPosition)
      throw new RangeError(`Step ${record.step} begins before the step in front of it.`);
    if (record.firstPosition === last?.firstPosition) this.stepRecords.pop();
    this.stepRecords.push(record);
  }

  private addDivergence(record: DivergenceRecord): void {
    if (record.firstPosition > this.tokens)
      throw new RangeError(`A divergence for position ${record.firstPosition} is past the text.`);
    this.divergences.record(record);
  }
}
