/** The trace of a run, if one was asked for. A trace that cannot be written is told, not thrown. */
import { version } from "../../../package.json";
import { policies } from "../../policies";
import type { GenerateParams } from "../../shared/wire/engineApi";
import type { TraceHeader } from "../../shared/trace/records";
import type { LoadedModel } from "../model/loadedModel";
import { TraceWriter } from "../trace/traceWriter";

export interface RunTrace {
  writer?: TraceWriter;
  /** Why there is no writer though a trace was asked for. */
  error?: string;
}

export async function openRunTrace(model: LoadedModel, params: GenerateParams): Promise<RunTrace> {
  if (params.traceFile === undefined) return {};
  try {
    return { writer: await TraceWriter.create(params.traceFile, headerOf(model, params)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function headerOf({ info }: LoadedModel, { chains, sampling }: GenerateParams): TraceHeader {
  const { name, layers, queryHeads, kvHeads, headDim, bytesPerToken, device } = info;
  return {
    writer: `R-KV Lens ${version}`,
    model: name,
    ...{ layers, queryHeads, kvHeads, headDim, bytesPerToken, device, chains, sampling },
    startedAt: Math.floor(Date.now() / 1000),
    slotOrders: Object.fromEntries(
      Object.values(policies).map((policy) => [policy.name, policy.slotOrder]),
    ),
  };
}
