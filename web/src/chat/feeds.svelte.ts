// The topic feeds of one person: each with what was said of its words, found by search and heard live, and how much of it is new.
// What belongs to a feed, `feed.ts` says; draws nothing.
import { ask, query, type Found, type Message } from '../api/client';
import { belongs, type Feed } from './feed';
import { keep, kept } from './keep';

/** Posts of a feed that are kept on the page. */
const POSTS_MAX = 200;
/** Feeds of one person (ours: each is a search whenever the link is opened). */
export const FEEDS_MAX = 30;
/** Rooms are joined many at once; after the last the feeds are read. */
const READ_AFTER_MS = 250;

/** What a feed needs to know of the house. */
export interface Around {
  /** Whoever reads; what one says oneself is not new. */
  self(): string;
  /** Whether one follows a room. */
  follows(room: string): boolean;
}

export class Feeds {
  all: Feed[] = $state([]);
  trouble: string | null = $state(null);
  /** The newest first. */
  private posts: Record<string, Message[]> = $state.raw({});
  /** Until when each was looked at. */
  private seen: Record<string, string> = $state.raw({});
  private owner = '';
  private reading: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly around: Around) {}

  begin(owner: string): void {
    this.owner = owner;
    this.all = kept<Feed[]>(owner, 'feeds', []);
    this.seen = kept<Record<string, string>>(owner, 'feeds-seen', {});
    this.posts = {};
  }

  end(): void {
    clearTimeout(this.reading);
    this.all = [];
    this.posts = {};
  }

  /** Keeps a feed, new or changed. */
  set(feed: Feed): void {
    const rest = this.all.filter((one) => one.id !== feed.id);
    this.put([...rest, feed]);
    void this.read(feed);
  }

  remove(id: string): void {
    this.put(this.all.filter((one) => one.id !== id));
  }

  of(id: string): Message[] {
    return this.posts[id] ?? [];
  }

  /** How many posts came since the feed was looked at. */
  unread(id: string): number {
    const [seen, self] = [this.seen[id] ?? '', this.around.self()];
    return this.of(id).filter((post) => post.time > seen && post.author.guid !== self).length;
  }

  get unreadInAll(): number {
    return this.all.reduce((sum, feed) => sum + this.unread(feed.id), 0);
  }

  /** Notes that a feed was looked at. */
  look(id: string): void {
    const newest = this.of(id)[0]?.time;
    if (!newest || newest <= (this.seen[id] ?? '')) return;
    this.seen = { ...this.seen, [id]: newest };
    keep(this.owner, 'feeds-seen', this.seen);
  }

  /** Hears what was said; gives the feeds it belongs to. */
  hear(message: Message): Feed[] {
    const of = this.all.filter((feed) => belongs(feed, message));
    for (const feed of of) this.take(feed, [message]);
    return of;
  }

  /** Hears that a post was replaced or taken away. */
  change(message: Message): void {
    for (const feed of this.all) this.take(feed, [message]);
  }

  /** What was said before the rooms were joined, or while they were not, is read when they are. */
  readSoon(): void {
    clearTimeout(this.reading);
    if (this.all.length > 0) this.reading = setTimeout(() => void this.readAll(), READ_AFTER_MS);
  }

  private async readAll(): Promise<void> {
    for (const feed of this.all) await this.read(feed);
  }

  private async read(feed: Feed): Promise<void> {
    try {
      // The search has words; a phrase is looked for by its words and then told apart.
      const fields = { q: feed.words.join(' '), clause: feed.all ? 'and' : 'or', room: feed.rooms, limit: POSTS_MAX };
      const found = await ask<Found>('GET', `/search${query(fields)}`);
      const chosen = (post: Message) => feed.rooms.length > 0 || this.around.follows(post.room);
      this.take(feed, found.messages.filter((post) => chosen(post) && belongs(feed, post)));
      this.trouble = null;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  private take(feed: Feed, more: Message[]): void {
    const byPlace = new Map([...this.of(feed.id), ...more].map((post) => [`${post.room}.${post.post}`, post]));
    const still = [...byPlace.values()].filter((post) => belongs(feed, post));
    const posts = still.sort((a, b) => b.time.localeCompare(a.time)).slice(0, POSTS_MAX);
    this.posts = { ...this.posts, [feed.id]: posts };
  }

  private put(all: Feed[]): void {
    this.all = all.slice(-FEEDS_MAX);
    keep(this.owner, 'feeds', this.all);
  }
}
