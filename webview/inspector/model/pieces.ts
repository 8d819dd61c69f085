/** Long work in pieces: whatever a trace asks for, the page draws and answers in between. */

/** Of a frame of 16 ms, so much is work. */
export const pieceMillis = 8;

type Priority = "user-visible" | "background";

/** What a page may have and Node has not. */
interface Scheduling {
  scheduler?: { postTask?(task: () => void, options: { priority: Priority }): Promise<void> };
}

/** Lets everything else that waits have its turn; a timer, where there is no better, takes 4 ms. */
export function rest(priority: Priority = "user-visible"): Promise<void> {
  const { scheduler } = globalThis as Scheduling;
  if (scheduler?.postTask) return scheduler.postTask(() => undefined, { priority });
  return new Promise((resolve) => setTimeout(resolve));
}

/** Work that says where it may rest. */
export type Work<T> = Generator<void, T>;

export type Piece<T> = { done: true; value: T } | { done: false };

/** Goes on for one piece. */
export function onePiece<T>(work: Work<T>): Piece<T> {
  const until = performance.now() + pieceMillis;
  do {
    const { done, value } = work.next();
    if (done) return { done, value };
  } while (performance.now() < until);
  return { done: false };
}

/** Works to the end, and rests after each piece. */
export async function inPieces<T>(work: Work<T>, priority?: Priority): Promise<T> {
  for (;;) {
    const piece = onePiece(work);
    if (piece.done) return piece.value;
    await rest(priority);
  }
}

/** The same behind all other work, which somebody waits for. */
export async function inPiecesLater<T>(work: Work<T>): Promise<T> {
  await rest("background");
  return inPieces(work, "background");
}
