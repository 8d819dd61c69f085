/** What opens the server to a browser: each token once, and only for some minutes. */
import { randomBytes, timingSafeEqual } from "node:crypto";

export const openingMinutes = 5;

export class OpeningTokens {
  private readonly live = new Set<string>();

  issue(): string {
    const token = newSecret();
    this.live.add(token);
    setTimeout(() => this.live.delete(token), openingMinutes * 60_000).unref();
    return token;
  }

  /** True once for each token, while it lives. */
  spend(given: string): boolean {
    const spent = [...this.live].find((token) => isSame(given, token));
    return spent !== undefined && this.live.delete(spent);
  }

  isLive(token: string): boolean {
    return this.live.has(token);
  }
}

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** In a time that tells nothing about where they differ. */
export function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
