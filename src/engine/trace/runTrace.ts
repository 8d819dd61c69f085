/** The trace of a run, if one was asked for. A trace that cannot be written is told, not thrown. */
import { version } from "../../../package.json";
import { policies } from "../../policies";
import { reasonOf } from "../../shared/reasonOf";
import type { TraceHeader } from "../../shared/trace/records";
import type { GenerateParams } from "../../shared/wire/engineApi";
import type { RunnableModel } from "../model/loadModel";
import { RunRecorder } from "./runRecorder";
import { TraceWriter } from "./traceWriter";

export class RunTrace {
  /** Absent where no trace was asked for, or none can be written. */
  readonly recorder: RunRecorder | undefined;

  private constructor(
    model: RunnableModel,
    private readonly writer?: TraceWriter,
    private readonly refusal?: string,
  ) {
    this.recorder = writer && new RunRecorder(writer, model.decoder.model);
  }

  static async open(model: RunnableModel, params: GenerateParams): Promise<RunTrace> {
    if (params.traceFile === undefined) return new RunTrace(model);
    try {
      const writer = await TraceWriter.create(params.traceFile, headerOf(model, params));
      return new RunTrace(model, writer);
    } catch (error) {
      return new RunTrace(model, undefined, reasonOf(error));
    }
  }

  /** Why there is no trace though one was asked for, or why it ends early. */
  get error(): string | undefined {
    return this.refusal ?? this.writer?.error?.message;
  }

  /** Resolves when the trace is on the disk. Never rejects. */
  async close(): Promise<void> {
    await this.writer?.close();
  }
}

function headerOf({ info }: RunnableModel, { chains, sampling }: GenerateParams): TraceHeader {
  const { name, layers, queryHeads, kvHeads, headDim, bytesPerToken, device } = info;
  return {
    writer: `R-KV Lens ${version}`,
    model: name,
    layers,
    queryHeads,
    kvHeads,
    headDim,
    bytesPerToken,
    device,
    chains,
    sampling,
    startedAt: Math.floor(Date.now() / 1000),
    slotOrders: Object.fromEntries(
      Object.values(policies).map((policy) => [policy.name, policy.slotOrder]),
    ),
  };
}
