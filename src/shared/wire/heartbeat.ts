/**
 * The engine's sign of life: a byte every now and then through a pipe of its own, from a thread that
 * no inference blocks. Silence means that the whole process stands still.
 */
export const heartbeat = {
  /** Of the pipe, in the engine: after stdin, stdout, stderr and the channel of messages. */
  descriptor: 4,
  everyMillis: 500,
} as const;
