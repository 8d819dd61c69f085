/**
 * Parts a reply, token by token, into thinking and answer. A tag may be spread over tokens, so
 * tokens that could belong to one wait until that is known; tags themselves are not shown, nor is
 * the white space that a channel begins with.
 */
import type { TokenText } from "./protocol";
import { thinkingTags, type ThinkingTags } from "./thinkingTags";

export type Channel = "thinking" | "answer";

export interface ChannelText {
  channel: Channel;
  text: string;
}

export interface SplitToken extends TokenText {
  /** Where the token begins; an opening tag is part of the thinking, a closing one too. */
  channel: Channel;
  /** What it shows; two entries only where one token ends the thinking and begins the answer. */
  shown: ChannelText[];
}

interface Segment extends ChannelText {
  isShown: boolean;
}

interface FoundTag {
  at: number;
  tag: string;
}

export class ThinkingSplitter {
  private waiting: TokenText[] = [];
  /** Text of the waiting tokens, as far as its channel is known. */
  private known: Segment[] = [];
  /** The rest of their text. */
  private unknown = "";
  private channel: Channel;
  /** Nothing but white space so far in this channel. */
  private blank = true;

  /** opened: the tags that the prompt's end has opened already (`tagsOpenedBy`). */
  constructor(private opened: ThinkingTags | undefined) {
    this.channel = opened ? "thinking" : "answer";
  }

  push(token: TokenText): SplitToken[] {
    this.waiting.push(token);
    this.unknown += token.text;
    this.settle(false);
    return this.release();
  }

  /** The text has ended: what waits is no tag. */
  end(): SplitToken[] {
    this.settle(true);
    return this.release();
  }

  private settle(atEnd: boolean): void {
    for (;;) {
      const tags = this.awaited();
      const found = firstOf(this.unknown, tags, this.channel === "answer");
      if (!found) {
        const held = atEnd ? 0 : longestStart(this.unknown, tags);
        this.learn(this.unknown.slice(0, this.unknown.length - held), false);
        return;
      }
      this.learn(this.unknown.slice(0, found.at), false);
      if (this.channel === "answer") this.open(found.tag);
      this.learn(found.tag, true);
      if (this.channel === "thinking" && this.opened?.close === found.tag) this.close();
    }
  }

  /** Tags that may come now: an answer opens none once it has said something. */
  private awaited(): string[] {
    if (this.channel === "thinking") return this.opened ? [this.opened.close] : [];
    if (!this.blank) return [];
    return thinkingTags.flatMap(({ open, skip }) => (skip === undefined ? [open] : [open, skip]));
  }

  private open(tag: string): void {
    this.opened = thinkingTags.find((tags) => tags.open === tag);
    if (this.opened) this.channel = "thinking";
    this.blank = true;
  }

  private close(): void {
    this.channel = "answer";
    this.blank = true;
  }

  /** Moves `text` from the front of what is unknown to what is known. */
  private learn(text: string, isTag: boolean): void {
    this.unknown = this.unknown.slice(text.length);
    const hidden = isTag ? text.length : this.blank ? text.length - text.trimStart().length : 0;
    this.note(text.slice(0, hidden), false);
    this.note(text.slice(hidden), true);
    if (hidden < text.length) this.blank = false;
  }

  private note(text: string, isShown: boolean): void {
    if (text !== "") this.known.push({ channel: this.channel, text, isShown });
  }

  /** Tokens whose whole text is known. */
  private release(): SplitToken[] {
    const ready: SplitToken[] = [];
    let length = this.known.reduce((sum, segment) => sum + segment.text.length, 0);
    while (this.waiting.length > 0 && this.waiting[0].text.length <= length) {
      const token = this.waiting.shift() as TokenText;
      length -= token.text.length;
      ready.push(this.take(token));
    }
    return ready;
  }

  private take(token: TokenText): SplitToken {
    const channel = this.known.at(0)?.channel ?? this.channel;
    const shown: ChannelText[] = [];
    let left = token.text.length;
    while (left > 0) {
      const segment = this.known[0];
      const text = segment.text.slice(0, left);
      left -= text.length;
      segment.text = segment.text.slice(text.length);
      if (segment.text === "") this.known.shift();
      if (segment.isShown) shown.push({ channel: segment.channel, text });
    }
    return { ...token, channel, shown };
  }
}

/**
 * The tag that comes first in the text; of those that begin there, the longest. onlyAtStart: with
 * nothing but white space before it.
 */
function firstOf(text: string, tags: string[], onlyAtStart: boolean): FoundTag | undefined {
  return tags
    .map((tag) => ({ tag, at: text.indexOf(tag) }))
    .filter(({ at }) => at >= 0 && !(onlyAtStart && text.slice(0, at).trim() !== ""))
    .sort((a, b) => a.at - b.at || b.tag.length - a.tag.length)
    .at(0);
}

/** Length of the longest end of the text that is a tag's beginning. */
function longestStart(text: string, tags: string[]): number {
  const most = Math.min(text.length, Math.max(0, ...tags.map((tag) => tag.length - 1)));
  for (let length = most; length > 0; length--)
    if (tags.some((tag) => tag.startsWith(text.slice(-length)))) return length;
  return 0;
}
