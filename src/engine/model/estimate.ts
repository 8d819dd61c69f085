/** What a model would take in memory, told before it is loaded. */
import { freemem } from "node:os";
import { graphCache } from "../../disk/ownCaches";
import { rewriteModel } from "../../onnx/rewrite/rewriteModel";
import { weightBytes } from "../../onnx/weights/weightBytes";
import type { Budget } from "../../shared/settings/settings";
import type { EngineRequests, MemoryEstimate } from "../../shared/wire/engineApi";
import { bytesPerToken } from "../cache/kvCache";
import { layoutOf } from "../decoder/openDecoder";
import { contextLengthOf, openModelFolder } from "./modelFolder";

/** Bytes, on the CPU. Nothing is loaded. Rejects with an Error that says what is wrong with the folder. */
export async function estimateMemory({
  folder,
  budget,
  buffer,
}: EngineRequests["estimate"]["params"]): Promise<MemoryEstimate> {
  const opened = await openModelFolder(folder);
  const request = { modelFile: opened.modelFile, layout: layoutOf("cpu"), cacheFolder: graphCache };
  const { decoder, graph } = await rewriteModel(request);
  const perToken = bytesPerToken(decoder);
  const context = contextLengthOf(opened, decoder);
  const slots = Math.min(context, slotsAtMost(budget, context) + buffer);
  return {
    weightBytes: weightBytes(graph),
    kvBytesAtBudget: slots * perToken,
    kvBytesFull: context * perToken,
    freeBytes: freemem(),
  };
}

function slotsAtMost(budget: Budget, context: number): number {
  switch (budget.kind) {
    case "count":
      return budget.slots;
    case "share":
      return Math.ceil((context * budget.percent) / 100);
    case "full":
      return context;
    default:
      return budget satisfies never;
  }
}
