/** Payloads to records; throws a TraceFormatError for whatever does not keep to the format. */
import { fromFloat16 } from "./float16";
import { largestPosition, type RecordType, TraceFormatError } from "./format";
import { PayloadReader } from "./payload";
import type {
  CompactionLayerRecord,
  DivergenceRecord,
  KeysRecord,
  TokensRecord,
  TraceHeader,
  TraceRecord,
} from "./records";
import { heads, type KeysHead, type LayerHead, parsed, type ScoresHead } from "./schemas";

/** Which slots a layer retained, without the scores; for a large layer, a part of its cells. */
export interface DecisionPart extends LayerHead {
  type: "compactionLayer";
  positions: Uint32Array;
  retained: Uint8Array;
}

/** Scores of a layer, or of a part of its cells; a column for each named part of the score. */
export interface ScoresPart extends ScoresHead {
  scores: Float32Array;
  columns: Float32Array[];
}

/** Keys as the file has them, half as large: few of them are asked for at once. */
export interface StoredKeys extends KeysHead {
  /** [kvHeads, count, headDim] bits of float16. */
  halves: Uint16Array;
}

/** What is decoded as it is met, not when it is asked for. */
export type SmallRecord = Exclude<TraceRecord, CompactionLayerRecord | KeysRecord>;
export type SmallRecordType = Exclude<RecordType, "scores" | "keys" | "directory">;

/** Decodes every type but the large ones. */
export function decodeSmall(
  type: SmallRecordType,
  payload: ArrayBuffer,
  header: TraceHeader,
): SmallRecord | DecisionPart {
  const reader = new PayloadReader(payload);
  switch (type) {
    case "tokens":
      return tokens(reader, header);
    case "compactionLayer":
      return decodeDecision(payload, header);
    case "divergence":
      return divergence(reader, header);
    case "settings":
      return { type, ...parsed(heads.settings, reader.head) };
    case "step": {
      const head = parsed(heads.step, reader.head);
      checkChain(head, header);
      return { type, ...head };
    }
    case "compaction": {
      const head = parsed(heads.compaction, reader.head);
      checkChain(head, header);
      return { type, ...head };
    }
    case "figures":
      return { type, ...parsed(heads.figures, reader.head) };
    case "end":
      return { type, ...parsed(heads.end, reader.head) };
    default:
      return type satisfies never;
  }
}

/** Throws a TraceFormatError where the payload does not keep to the format, as all of these do. */
export function decodeScores(payload: ArrayBuffer, header: TraceHeader): ScoresPart {
  const reader = new PayloadReader(payload);
  const head = parsed(heads.scores, reader.head);
  checkCells(head, header);
  const scores = reader.float32(head.cells);
  return { ...head, scores, columns: head.parts.map(() => reader.float32(head.cells)) };
}

export function decodeKeys(payload: ArrayBuffer, header: TraceHeader): StoredKeys {
  const reader = new PayloadReader(payload);
  const head = parsed(heads.keys, reader.head);
  checkChain(head, header);
  checkLayer(head, header);
  return { ...head, halves: reader.uint16(head.kvHeads * head.count * head.headDim) };
}

export function widenKeys({ halves, ...head }: StoredKeys): KeysRecord {
  return { type: "keys", ...head, keys: fromFloat16(halves) };
}

function tokens(reader: PayloadReader, header: TraceHeader): TokensRecord {
  const head = parsed(heads.tokens, reader.head);
  checkChain(head, header);
  const count = head.texts.length;
  if (head.firstPosition + count > largestPosition)
    throw new TraceFormatError(`its tokens go beyond position ${largestPosition}`);
  const ids = reader.uint32(count);
  const logProbs = reader.float32(count);
  return { type: "tokens", ...head, ids, logProbs, millis: reader.float32(count) };
}

/** Positions must ascend within each head, and retained be 0 or 1. */
export function decodeDecision(payload: ArrayBuffer, header: TraceHeader): DecisionPart {
  const reader = new PayloadReader(payload);
  const head = parsed(heads.compactionLayer, reader.head);
  checkCells(head, header);
  const positions = reader.uint32(head.cells);
  const retained = reader.uint8(head.cells);
  checkAscending(positions, head);
  if (retained.some((flag) => flag > 1))
    throw new TraceFormatError("its retained column holds something else than 0 and 1");
  return { type: "compactionLayer", ...head, positions, retained };
}

function divergence(reader: PayloadReader, header: TraceHeader): DivergenceRecord {
  const { count, ...head } = parsed(heads.divergence, reader.head);
  checkChain(head, header);
  if (head.layers !== header.layers || head.kvHeads !== header.kvHeads)
    throw new TraceFormatError("its layers and KV heads are not those of the trace's header");
  const kl = reader.float32(count);
  const sameToken = reader.uint8(count);
  const lostAttention = reader.float32(count * head.layers * head.kvHeads);
  return { type: "divergence", ...head, kl, sameToken, lostAttention };
}

function checkAscending(positions: Uint32Array, { slots, firstCell }: LayerHead): void {
  for (let i = 0; i < positions.length; i++) {
    const isRowStart = (firstCell + i) % slots === 0;
    if (
      positions[i] >= largestPosition ||
      (i > 0 && !isRowStart && positions[i] <= positions[i - 1])
    )
      throw new TraceFormatError("its positions do not ascend within a head");
  }
}

/** Throws a TraceFormatError where cells lie outside of the layer, or the layer outside of the trace. */
export function checkCells(head: LayerHead, header: TraceHeader): void {
  checkChain(head, header);
  checkLayer(head, header);
  if (head.firstCell + head.cells > head.kvHeads * head.slots)
    throw new TraceFormatError("it has more cells than heads times slots");
}

export function checkLayer(head: { layer: number; kvHeads: number }, header: TraceHeader): void {
  if (head.layer >= header.layers || head.kvHeads !== header.kvHeads)
    throw new TraceFormatError("its layer or KV heads are not of the trace's header");
}

export function checkChain({ chain }: { chain: number }, header: TraceHeader): void {
  if (chain >= header.chains) throw new TraceFormatError(`its chain ${chain} is not in the header`);
}
