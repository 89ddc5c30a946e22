// One room as the page knows it: its posts in one unbroken stretch, who is there, how far it was read.
// Asks the API for pages; what is live it is told by `house.svelte.ts`.
import { ask, query, type Card, type Message, type Messages, type Present } from '../api/client';
import { compare, forgetAfter, merge } from './stream';

export const PAGE = 50;
/** More is not said while one page is on its way. */
const APART_MAX = 500;

/** Which page of a room: the newest one, one before or after a position, or the one around a post or a time. */
type Place = { before?: string; after?: string; post?: number; time?: string; limit: number };

export class Room {
  readonly guid: string;
  card: Card = $state()!;
  /** The stretch of posts on the screen, by number. */
  posts: Message[] = $state.raw([]);
  people: Present[] = $state.raw([]);
  large = $state(false);
  joined = $state(false);
  read: number | null = $state(null);
  unread = $state(0);
  mentions = $state(0);
  /** Whether a page is on its way. */
  loading = $state(false);
  loaded = $state(false);
  trouble: string | null = $state(null);
  /** Whether the stretch reaches the newest post, and the oldest. */
  live = $state(false);
  whole = $state(false);
  /** The last post that was read when the room was opened: the line stands after it. */
  line: number | null = $state(null);
  /** The post a reader was sent to. */
  target: number | null = $state(null);
  /** Where to go on after being cut off. */
  after: string | null = null;
  private prev: string | null = null;
  private next: string | null = null;
  /** What was said while the stretch does not reach the newest post. */
  private apart: Message[] = [];

  constructor(card: Card) {
    this.guid = card.guid;
    this.card = card;
  }

  get newest(): number {
    return Math.max(this.posts.at(-1)?.post ?? 0, this.apart.at(-1)?.post ?? 0);
  }

  can(right: string): boolean {
    return (this.card.rights as string[]).includes(right);
  }

  /** Reads the newest page, unless the room has one that goes on live. */
  async open(): Promise<void> {
    if (this.loaded && this.live) return;
    await this.show({ limit: PAGE }, true);
  }

  /** Reads everything anew: more was missed than was told. */
  async refresh(): Promise<void> {
    this.loaded = false;
    this.live = false;
    await this.open();
  }

  async older(): Promise<void> {
    if (this.whole || this.loading || !this.prev) return;
    const page = await this.page({ before: this.prev, limit: PAGE });
    if (!page) return;
    this.posts = merge(this.posts, page.messages);
    this.prev = page.prev ?? null;
    this.whole = !this.prev;
  }

  async newer(): Promise<void> {
    if (this.live || this.loading || !this.next) return;
    const page = await this.page({ after: this.next, limit: PAGE });
    if (!page) return;
    this.posts = merge(this.posts, page.messages);
    this.next = page.next;
    if (page.next === page.at) this.reachEnd();
  }

  /** Goes to a post by number; false when there is none. */
  async goToPost(post: number): Promise<boolean> {
    if (this.posts.some((one) => one.post === post)) {
      this.target = post;
      return true;
    }
    return this.goWhere({ post, limit: PAGE }, (one) => one.post >= post);
  }

  /** Goes to the first post of a time. */
  async goToTime(time: Date): Promise<boolean> {
    return this.goWhere({ time: time.toISOString(), limit: PAGE }, (one) => Date.parse(one.time) >= time.getTime());
  }

  /** Shows the page around a place; false when nothing is there or after it. */
  private async goWhere(fields: Place, isThere: (post: Message) => boolean): Promise<boolean> {
    const before = this.live;
    // What is said meanwhile is held apart, and put after the page when that reaches the newest post.
    this.live = false;
    const page = await this.page(fields);
    if (!page) {
      if (before) this.reachEnd();
      return false;
    }
    this.posts = page.messages;
    this.prev = page.prev ?? null;
    this.whole = !this.prev;
    this.next = page.next;
    this.loaded = true;
    if (page.next === page.at) this.reachEnd();
    const first = this.posts.find(isThere);
    this.target = (first ?? this.posts.at(-1))?.post ?? null;
    return first !== undefined;
  }

  /** Something was said or changed. What is said while a page is on its way is put after it. */
  take(message: Message, isNew: boolean): void {
    if (this.posts.some((post) => post.post === message.post)) this.posts = merge(this.posts, [message]);
    else if (isNew && this.live) this.posts = merge(this.posts, [message]);
    else if (isNew && (this.loaded || this.loading)) this.apart = merge(this.apart, [message]).slice(-APART_MAX);
  }

  /** It is heard no more: when it is opened again, it is read anew. */
  part(): void {
    this.joined = false;
    this.live = false;
    this.loaded = false;
    this.apart = [];
  }

  /** What was seen after a position is forgotten. */
  reset(to: string): void {
    this.posts = forgetAfter(this.posts, to);
    this.apart = forgetAfter(this.apart, to);
  }

  private async show(fields: { limit: number }, end: boolean): Promise<void> {
    const page = await this.page(fields);
    if (!page) return;
    this.posts = page.messages;
    this.prev = page.prev ?? null;
    this.whole = !this.prev;
    this.next = page.next;
    this.loaded = true;
    this.line = this.unread > 0 ? this.read : null;
    if (end) this.reachEnd();
  }

  private reachEnd(): void {
    this.live = true;
    const last = this.posts.at(-1);
    const later = this.apart.filter((post) => !last || compare(post.position, last.position) > 0);
    this.posts = merge(this.posts, later);
    this.apart = [];
  }

  private async page(fields: Place): Promise<Messages | null> {
    this.loading = true;
    this.trouble = null;
    try {
      const page = await ask<Messages>('GET', `/rooms/${this.guid}/messages${query(fields)}`);
      if (page.reset) this.reset(page.reset);
      return page;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      return null;
    } finally {
      this.loading = false;
    }
  }
}
