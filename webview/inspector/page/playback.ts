/** Walks from compaction to compaction, from the beginning where the end was reached. */
import { neighbourCompaction } from "../model/moment";
import { momentOf, moveTo, type Store } from "../state/state";

const millisPerCompaction = 420;

/** Walks for as long as `state.playing` is true. */
export function walkWhilePlaying(store: Store): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const step = () => moveTo(store, neighbourCompaction(store.state.run, momentOf(store.state), 1));
  store.subscribe((changed) => {
    if (!changed.has("playing")) return;
    clearInterval(timer);
    if (store.state.playing) timer = setInterval(step, millisPerCompaction);
  });
}

export function playOrPause(store: Store): void {
  const { run, tokens, playing } = store.state;
  if (!playing && tokens >= run.tokens) moveTo(store, 0);
  store.update({ playing: !playing });
}
