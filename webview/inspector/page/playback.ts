import { neighbourCompaction } from "../model/moment";
import { momentOf, scrub, type Store } from "../state/state";

const millisPerCompaction = 420;

/** Walks from compaction to compaction, from the beginning where the end was reached. */
export function play(store: Store): { toggle: () => void } {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const step = () => {
    const { run, tokens } = store.state;
    if (tokens >= run.tokens) return stop();
    scrub(store, neighbourCompaction(run, momentOf(store.state), 1));
  };
  return {
    toggle() {
      if (timer !== undefined) return stop();
      if (store.state.tokens >= store.state.run.tokens) scrub(store, 0);
      timer = setInterval(step, millisPerCompaction);
    },
  };
}
