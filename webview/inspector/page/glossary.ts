/** The field's words, each explained in a sentence or two. The one table of them. */

/** A pattern for all forms of the word, and what it means. */
const entries: readonly (readonly [words: string, means: string])[] = [
  ["budgets?", "Budget: how many slots each KV head keeps after a compaction."],
  ["buffers?", "Buffer: how many tokens may come after a compaction before the next one."],
  [
    "observation windows?|windows?",
    "Observation window: the newest tokens. Their queries say what is important, and they are always retained.",
  ],
  [
    "importance",
    "Importance: how much attention the queries of the observation window pay to a token.",
  ],
  [
    "redundancy",
    "Redundancy: how much a token's key repeats the keys of others, by the cosine between them.",
  ],
  [
    "scores?|scored",
    "Score: λ · importance − (1 − λ) · redundancy. A compaction retains the highest.",
  ],
  [
    "λ",
    "λ weighs importance against redundancy: 1 looks at importance alone, 0 at redundancy alone.",
  ],
  [
    "near-duplicates?",
    "Near-duplicates: two tokens whose keys have a cosine above the threshold. R-KV counts all but the last of them as redundant.",
  ],
  ["cosine", "Cosine: how alike the directions of two keys are; 1 is the same, 0 unrelated."],
  [
    "slots?",
    "Slot: a place in the cache. One KV head of one layer keeps one token's key and value in it.",
  ],
  ["positions?", "Position: a token's place in the text, counted from 0."],
  [
    "KV heads?",
    "KV head: the part of a layer that keeps keys and values of its own. Each decides for itself what to evict.",
  ],
  [
    "compactions?",
    "Compaction: when budget and buffer are full, each KV head evicts all but its budget.",
  ],
  ["margins?", "Margin: how far a score lies above or below that of the last one retained."],
  ["survivals?", "Survival: the share of a stretch of text that the cache still holds."],
  ["retained", "Retained: kept in its slot by a compaction."],
  ["evicted", "Evicted: taken out of the cache. A head can never attend to it again."],
  ["full cache", "Full cache: one that evicts nothing and grows with every token."],
  [
    "KL|divergence",
    "KL divergence: how far the next token's probabilities are from those with the full cache, in nats; 0 is no difference.",
  ],
];

const quote = "“[^”]*”";
const word = (words: string): string => `(?<![\\p{L}\\p{N}-])(?:${words})(?![\\p{L}\\p{N}-])`;
const pattern = new RegExp(
  [quote, ...entries.map(([words]) => word(words))].map((one) => `(${one})`).join("|"),
  "giu",
);

/** A stretch of a sentence. */
interface Part {
  text: string;
  /** What is quoted is not ours to explain. */
  isQuoted?: boolean;
  means?: string;
}

/** Parts a sentence; a word is explained where it first occurs. */
export function partsOf(sentence: string): Part[] {
  const parts: Part[] = [];
  const explained = new Set<string>();
  let from = 0;
  for (const found of sentence.matchAll(pattern)) {
    const [text, isQuote, ...words] = found;
    const means = entries[words.findIndex(Boolean)]?.[1];
    if (!isQuote && (means === undefined || explained.has(means))) continue;
    if (found.index > from) parts.push({ text: sentence.slice(from, found.index) });
    if (means !== undefined) explained.add(means);
    parts.push(isQuote ? { text, isQuoted: true } : { text, means });
    from = found.index + text.length;
  }
  if (from < sentence.length) parts.push({ text: sentence.slice(from) });
  return parts;
}
