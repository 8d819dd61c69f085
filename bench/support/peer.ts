/** A runner in a process of its own, which reads and decodes when it is told to. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answered, Asked } from "../peers/serve";

export class Peer {
  private constructor(private readonly child: ChildProcess) {}

  /** args: of the script that runs now. Rejects where the process ends before it is ready. */
  static async start(args: string[]): Promise<Peer> {
    const peer = new Peer(fork(process.argv[1], args));
    await peer.next();
    return peer;
  }

  async ask(asked: Asked): Promise<Answered> {
    this.child.send(asked);
    return (await this.next()) as Answered;
  }

  end(): void {
    this.child.kill();
  }

  private async next(): Promise<unknown> {
    const settled = new AbortController();
    const { signal } = settled;
    const said = once(this.child, "message", { signal }).then(([message]) => message as unknown);
    const ended = once(this.child, "exit", { signal }).then(([code]) => {
      throw new Error(`A runner ended with ${String(code)}.`);
    });
    try {
      return await Promise.race([said, ended]);
    } finally {
      // The one that lost the race rejects now, and nobody waits for it.
      said.catch(() => undefined);
      ended.catch(() => undefined);
      settled.abort();
    }
  }
}
