/** Notes what is read, so that what was made of it is made anew when, and only when, that changes. */

interface Read {
  ask: () => unknown;
  answer: unknown;
  /** Asks for records of the file, or for a long count. */
  takesTime: boolean;
}

type Reads = Map<string, Read>;

interface Made {
  reads: Reads;
  value: unknown;
}

export class Recorder {
  private readonly open: Reads[] = [];
  private readonly made = new Map<string, Made>();

  /** Asks, and notes question and answer for all that is being made. */
  read<T>(name: string, ask: () => T, takesTime = false): T {
    const answer = ask();
    for (const reads of this.open) reads.set(name, { ask, answer, takesTime });
    return answer;
  }

  /** What was made under that name, as long as all that it read would be read again. */
  derive<T>(name: string, make: () => T): T {
    const known = this.made.get(name);
    const made = known && isFresh(known.reads) ? known : this.make(make);
    this.made.set(name, made);
    for (const reads of this.open) for (const [what, read] of made.reads) reads.set(what, read);
    return made.value as T;
  }

  /** Whether what was last made under that name read something that takes time. */
  tookTime(name: string): boolean {
    return [...(this.made.get(name)?.reads.values() ?? [])].some(({ takesTime }) => takesTime);
  }

  private make<T>(make: () => T): Made {
    const reads: Reads = new Map();
    this.open.push(reads);
    try {
      return { value: make(), reads };
    } finally {
      this.open.pop();
    }
  }
}

function isFresh(reads: Reads): boolean {
  for (const { ask, answer } of reads.values()) if (!Object.is(ask(), answer)) return false;
  return true;
}
