/**
 * One row for every candidate of every compaction: chain, compaction, tokens in the text, layer,
 * KV head, position, token id, token, retained (1 or 0), score, and a column for each part of the
 * score. A cell is empty where a slot did not compete (window, pinned prompt) or nothing is known.
 */
import { csvCell } from "../../shared/strangersText";
import { TraceFormatError } from "../../shared/trace/format";
import type { TraceReader } from "../../shared/trace/reader";
import type { CompactionLayerRecord } from "../../shared/trace/records";

interface Token {
  id: number;
  text: string;
}

interface Decided {
  chain: number;
  compaction: number;
  layer: number;
}

export const fixedColumns =
  "chain,compaction,tokens_so_far,layer,kv_head,position,token_id,token,retained,score";

/** Lines without their end. What is damaged is left out; `onDamage` gets a sentence on it. */
export async function* candidatesCsv(
  reader: TraceReader,
  onDamage: (message: string) => void,
): AsyncGenerator<string> {
  const tokens: Token[][] = Array.from({ length: reader.header.chains }, () => []);
  const tokensSoFar = new Map<string, number>();
  const decided: Decided[] = [];
  await reader.refresh((item) => {
    if (item.type === "tokens")
      item.texts.forEach((text, i) => tokens[item.chain].push({ id: item.ids[i], text }));
    else if (item.type === "compaction")
      tokensSoFar.set(`${item.chain} ${item.compaction}`, item.position);
    else if (item.type === "compactionLayer") decided.push(item);
  });
  const layerOf = ({ chain, compaction, layer }: Decided) =>
    reader.layer(chain, compaction, layer).catch((error: unknown) => {
      if (!(error instanceof TraceFormatError)) throw error;
      onDamage(error.message);
      return undefined;
    });
  const parts = await partNames(decided, layerOf);
  yield [fixedColumns, ...parts.map(csvCell)].join(",");
  for (const each of decided) {
    const record = await layerOf(each);
    if (!record) continue;
    const soFar = tokensSoFar.get(`${each.chain} ${each.compaction}`) ?? "";
    yield* layerRows(record, tokens[each.chain], soFar, parts);
  }
}

/** Parts are the policy's, and all layers of a compaction have the same policy. */
async function partNames(
  decided: Decided[],
  layerOf: (each: Decided) => Promise<CompactionLayerRecord | undefined>,
): Promise<string[]> {
  const names = new Set<string>();
  for (const each of decided.filter(({ layer }, i) => i === 0 || layer === decided[0].layer))
    for (const { name } of (await layerOf(each))?.parts ?? []) names.add(name);
  return [...names];
}

function* layerRows(
  record: CompactionLayerRecord,
  tokens: Token[],
  soFar: number | string,
  partNames: string[],
): Generator<string> {
  const { chain, compaction, layer, slots, positions, retained, scores } = record;
  const columns = partNames.map((name) => record.parts.find((part) => part.name === name)?.values);
  for (let cell = 0; cell < positions.length; cell++) {
    const token = tokens[positions[cell]] as Token | undefined;
    yield [
      chain,
      compaction,
      soFar,
      layer,
      Math.floor(cell / slots),
      positions[cell],
      token?.id ?? "",
      token?.text ?? "",
      retained[cell],
      scores[cell],
      ...columns.map((values) => values?.[cell] ?? NaN),
    ]
      .map(csvCell)
      .join(",");
  }
}
