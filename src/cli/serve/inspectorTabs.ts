/**
 * The browser's tabs with inspectors of the chat in them. Each has a name, by which a page finds the
 * tab that is open already; the names are drawn, so that no tab of an earlier server has one of them.
 */
import { randomUUID } from "node:crypto";
import type { Followed, Follower, Look } from "../../client/inspector/followed";
import type { PageEvents } from "../../shared/wire/pageApi";

type Tab = PageEvents["showTab"];

export class InspectorTabs {
  private readonly names = new Map<Follower, string>();

  constructor(private readonly following: Followed) {}

  /** Until the returned function is called. */
  add(inspector: Follower, name: string): () => void {
    this.names.set(inspector, name);
    return () => this.names.delete(inspector);
  }

  /** The one that follows the chat, or a new one that will. */
  followingTab(): Tab {
    const [follower] = this.following.followers;
    return tabAt({ follow: "" }, follower && this.names.get(follower));
  }

  /** A new one, which stays with what it shows. */
  pinnedTab({ traces: [trace], chain }: Look): Tab {
    return tabAt({ answer: trace?.id ?? "", chain: String(chain) });
  }
}

function tabAt(query: Record<string, string>, tab: string = randomUUID()): Tab {
  return { address: `/inspector?${new URLSearchParams({ ...query, tab }).toString()}`, tab };
}
