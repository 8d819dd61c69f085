/**
 * The conversations of one workspace: a JSON file each, in a folder of the host's storage. A damaged
 * file is set aside and told; it keeps nobody from the others.
 */
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { readBounded } from "../../disk/regularFile";
import { ownFolder, setAsideIfDamaged, type Tell } from "../../disk/setAside";
import { writeWhole } from "../../disk/wholeFile";
import type { SearchHit } from "../../shared/chat/chatApi";
import { applyToConversation } from "../../shared/chat/chatChange";
import {
  type Conversation,
  type ConversationSummary,
  isRunning,
} from "../../shared/chat/chatState";
import { reasonOf } from "../../shared/reasonOf";
import { parseConversation } from "./storedConversation";

const excerptRadius = 40;
/** Far beyond what anybody asks and any model answers, and still read in a second. */
const longestFile = 64 * 1024 * 1024;

export class ConversationStore {
  private writing: Promise<void> = Promise.resolve();
  private summaries: Promise<Map<string, ConversationSummary>> | undefined;

  constructor(
    private readonly folder: string,
    private readonly tell: Tell,
  ) {}

  /** Newest first. */
  async list(): Promise<ConversationSummary[]> {
    const summaries = await (this.summaries ??= this.readSummaries());
    return [...summaries.values()].sort((a, b) => b.updatedAt - a.updatedAt);
  }

  /** Undefined where there is none, or none that can be read; then that is told. */
  async read(id: string): Promise<Conversation | undefined> {
    const file = this.fileOf(id);
    try {
      return endInterrupted(parseConversation(await readBounded(file, longestFile), id));
    } catch (error) {
      await setAsideIfDamaged(file, error, this.tell);
      return undefined;
    }
  }

  /** Writes follow each other in the order of the calls. */
  async save(conversation: Conversation): Promise<void> {
    const summaries = await (this.summaries ??= this.readSummaries());
    summaries.set(conversation.id, summaryOf(conversation));
    return this.afterOthers(() =>
      writeWhole(this.fileOf(conversation.id), JSON.stringify(conversation)),
    );
  }

  async delete(id: string): Promise<void> {
    (await this.summaries)?.delete(id);
    return this.afterOthers(() => rm(this.fileOf(id), { force: true }));
  }

  /** Conversations whose title, questions or answers hold the words, newest first. */
  async search(query: string): Promise<SearchHit[]> {
    const hits: SearchHit[] = [];
    for (const summary of await this.list()) {
      const conversation = await this.read(summary.id);
      const excerpt = conversation && excerptOf(conversation, query.trim());
      if (excerpt !== undefined) hits.push({ ...summary, excerpt });
    }
    return hits;
  }

  private async afterOthers(write: () => Promise<void>): Promise<void> {
    const done = this.writing.then(write);
    this.writing = done.catch(() => undefined);
    return done;
  }

  /** One after another, so that the largest decides how much memory it takes, not the sum. */
  private async readSummaries(): Promise<Map<string, ConversationSummary>> {
    const summaries = new Map<string, ConversationSummary>();
    for (const name of await this.names()) {
      const id = /^([0-9a-f-]{36})\.json$/.exec(name)?.[1];
      const conversation = id === undefined ? undefined : await this.read(id);
      if (conversation) summaries.set(conversation.id, summaryOf(conversation));
    }
    return summaries;
  }

  private async names(): Promise<string[]> {
    try {
      await ownFolder(this.folder, this.tell);
      return await readdir(this.folder);
    } catch (error) {
      this.tell(`${this.folder} cannot be read (${reasonOf(error)}): conversations are not kept.`);
      return [];
    }
  }

  private fileOf(id: string): string {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new RangeError(`“${id}” names no conversation.`);
    return path.join(this.folder, `${id}.json`);
  }
}

/** What was being written when the host ended is as far as it ever gets. */
function endInterrupted(conversation: Conversation): Conversation {
  const running = conversation.turns.filter(({ answer }) => isRunning(answer));
  return running.reduce(
    (changed, { answer }) =>
      applyToConversation(changed, {
        kind: "answer",
        answer: answer.id,
        change: {
          kind: "failed",
          phase: "interrupted",
          message: "The window closed while this answer was being written. Regenerate it to go on.",
        },
      }),
    conversation,
  );
}

function summaryOf({ id, title, updatedAt, turns }: Conversation): ConversationSummary {
  return { id, title, updatedAt, turns: turns.length };
}

function excerptOf({ title, turns }: Conversation, query: string): string | undefined {
  const texts = [title, ...turns.flatMap(({ question, answer }) => [question.text, answer.text])];
  for (const text of texts) {
    const at = text.toLowerCase().indexOf(query.toLowerCase());
    if (at >= 0)
      return text.slice(Math.max(0, at - excerptRadius), at + query.length + excerptRadius).trim();
  }
  return undefined;
}
