/** The last words of an engine that ended itself over its memory: the only way out of a blocked process. */
export function overMemory(megabytes: number | "N"): string {
  return `It took more than ${megabytes} MB of memory.`;
}

/** The megabytes in such words, or undefined. */
export function megabytesIn(lastWords: string): number | undefined {
  const found = /^It took more than (\d+) MB of memory\.$/m.exec(lastWords);
  return found ? Number(found[1]) : undefined;
}
