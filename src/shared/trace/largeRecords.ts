/** Where decisions, scores and keys lie in a trace: what a reader passes over and fetches later. */
import type { RecordPlace } from "./format";
import type { KeysHead } from "./schemas";

interface LayerKey {
  chain: number;
  compaction: number;
  layer: number;
}

/** The records of one layer in one compaction, in file order; a large layer has several of each. */
export interface LayerPlaces {
  decision: RecordPlace[];
  scores: RecordPlace[];
}

/** A record with the keys of `count` tokens from `firstPosition` on. */
export interface KeysPlace extends RecordPlace {
  firstPosition: number;
  count: number;
}

/** A table of contents that grows as the trace is read. */
export class LargeRecords {
  private readonly layers = new Map<string, LayerPlaces>();
  private readonly keys = new Map<string, KeysPlace[]>();

  addDecision(head: LayerKey, place: RecordPlace): void {
    this.placesOf(head).decision.push(place);
  }

  addScores(head: LayerKey, place: RecordPlace): void {
    this.placesOf(head).scores.push(place);
  }

  addKeys({ chain, layer, firstPosition, count }: KeysHead, place: RecordPlace): void {
    const name = `${chain} ${layer}`;
    if (!this.keys.has(name)) this.keys.set(name, []);
    this.keys.get(name)!.push({ ...place, firstPosition, count });
  }

  layer(key: LayerKey): LayerPlaces | undefined {
    return this.layers.get(nameOf(key));
  }

  /** The record that holds the key of a position; they come in order of position. */
  keysPlace(chain: number, layer: number, position: number): KeysPlace | undefined {
    const places = this.keys.get(`${chain} ${layer}`) ?? [];
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (places[middle].firstPosition <= position) low = middle + 1;
      else high = middle;
    }
    const place = places[low - 1];
    return place && position < place.firstPosition + place.count ? place : undefined;
  }

  /** Every record that was passed over unread. */
  *passedOver(): Iterable<{ type: "scores" | "keys"; place: RecordPlace }> {
    for (const { scores } of this.layers.values())
      for (const place of scores) yield { type: "scores", place };
    for (const places of this.keys.values())
      for (const place of places) yield { type: "keys", place };
  }

  private placesOf(key: LayerKey): LayerPlaces {
    const name = nameOf(key);
    const found = this.layers.get(name);
    if (found) return found;
    const places = { decision: [], scores: [] };
    this.layers.set(name, places);
    return places;
  }
}

function nameOf({ chain, compaction, layer }: LayerKey): string {
  return `${chain} ${compaction} ${layer}`;
}
