/** What the view itself keeps through hiding and reload: the place in the text, and what is unfolded. */
import type { Host } from "../../common/connection";

interface Kept {
  scroll?: { conversation: string; top: number };
  /** Turns whose thinking is unfolded. */
  open: string[];
}

export class Memory {
  private kept: Kept;

  constructor(private readonly host: Host) {
    this.kept = (host.remembered() as Kept | null | undefined) ?? { open: [] };
  }

  get value(): Kept {
    return this.kept;
  }

  fold(turn: string, isOpen: boolean): void {
    const others = this.kept.open.filter((id) => id !== turn);
    this.keep({ ...this.kept, open: isOpen ? [...others, turn] : others });
  }

  scroll(scroll: Kept["scroll"]): void {
    this.keep({ ...this.kept, scroll });
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    this.host.remember(kept);
  }
}
