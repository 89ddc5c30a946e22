// One room as the page knows it: its posts in one unbroken stretch, who is there, how far it was read.
// Asks the API for pages; what is live it is told by `house.svelte.ts`.
import { ask, Problem, query, type Card, type Message, type Messages, type Present } from '../api/client';
import { t } from '../i18n/words.svelte';
import { compare, forgetAfter, merge } from './stream';

export const PAGE = 50;
/** More is not said while one page is on its way. */
const APART_MAX = 500;

/**
 * Why nothing of a room is shown, beside its being disabled: the reader is no member, was put out for a reason that is not known yet
 * or because a right was withdrawn, or there is nothing that could be shown.
 */
export type Lock = 'members' | 'out' | 'withdrawn' | 'gone';

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
  /** Whether joining was asked for, and not answered yet. */
  joining = false;
  read: number | null = $state(null);
  unread = $state(0);
  mentions = $state(0);
  /** Whether a page is on its way. */
  loading = $state(false);
  loaded = $state(false);
  trouble: string | null = $state(null);
  /** Why nothing of the room is shown, where its card alone does not say so. */
  private locked: Lock | null = $state(null);
  /** Whether the reader may not read here: then nothing of it is asked for, and why stands in the place of everything else. */
  readonly shut = $derived(this.locked !== null || this.card.disabled || !this.can('read'));
  /** Whether what went wrong may be well when asked again. */
  passing = false;
  /** Whether the stretch reaches the newest post, and the oldest. */
  live = $state(false);
  whole = $state(false);
  /** Whether it is the one on the screen. */
  shown = $state(false);
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
  /** The last post that was heard. */
  private heard = '0.0';
  /** Up to where the pages were read, and up to where only they can tell. */
  private end = '0.0';
  private missed = '0.0';
  /** Whether more was missed than was told, and has not been read yet. */
  private behind = false;
  /** Whether more people were counted than are listed. */
  private hadMore = false;
  /** Pages are put where they belong; one of a stretch that is no longer shown is put nowhere. */
  private turn = 0;

  constructor(card: Card) {
    this.guid = card.guid;
    this.card = card;
  }

  get newest(): number {
    return Math.max(this.posts.at(-1)?.post ?? 0, this.apart.at(-1)?.post ?? 0);
  }

  /** How many people are there, whether they are listed or not. */
  get headcount(): number {
    return this.large ? Math.max(this.card.participants, this.people.length) : this.people.length;
  }

  can(right: string): boolean {
    return (this.card.rights as string[]).includes(right);
  }

  /** Why the room is shut, and what to do about it. */
  get why(): string {
    if (this.card.disabled) return t('room.disabled');
    const room = this.card.name;
    if (this.locked === 'out') return t('room.out', { room });
    if (this.locked === 'withdrawn') return t('room.removed', { room });
    if (this.locked === 'gone') return t('room.gone', { room });
    return t(this.can('manage') ? 'room.shutOwn' : 'room.shut');
  }

  /** The reader is out: nothing of the room is shown or counted. */
  lock(why: Lock): void {
    this.part();
    this.locked = why;
    this.trouble = null;
    this.posts = [];
    this.people = [];
    this.unread = 0;
    this.mentions = 0;
  }

  /** What a room that is shut is to the reader, by its card or by the code of what the server answered instead. */
  learn(told: Card | string): void {
    if (typeof told !== 'string') {
      this.card = told;
      if (!told.disabled) this.locked = this.forbidden;
    } else if (told === 'NoSuchNode') this.locked = 'gone';
    else if (told === 'NodeDisabled') this.card = { ...this.card, disabled: true };
  }

  /** Why a room that is there is not read: whoever was in it has lost a right. */
  private get forbidden(): Lock {
    return this.locked === 'out' || this.locked === 'withdrawn' ? 'withdrawn' : 'members';
  }

  /** The reader is let in. */
  unlock(card: Card): void {
    this.card = card;
    this.locked = null;
  }

  /** Something was refused: what is not allowed here, or is disabled, shuts the room. */
  refuse(code: string, why: string): void {
    if (code !== 'ErrorPermission' && code !== 'NodeDisabled') return void (this.trouble = why);
    this.lock(this.forbidden);
    this.learn(code);
  }

  /** Reads the newest page, unless the room has one that goes on live. */
  async open(): Promise<void> {
    if (this.shut) return;
    if (this.loaded && this.live) {
      this.line = this.unread > 0 ? this.read : null;
      return;
    }
    await this.readNewest();
    // A page may have been read before the link began to tell.
    if (this.loaded && !this.live && this.trouble === null) await this.readNewest();
  }

  /** Reads everything anew. */
  async refresh(): Promise<void> {
    this.loaded = false;
    this.live = false;
    await this.open();
  }

  /** What has happened up to a position is not told: pages have it. Until these are read the place to go on at stays. */
  async miss(to: string, isShown: boolean): Promise<void> {
    this.missed = to;
    if (isShown && (this.live || !this.loaded)) {
      this.behind = true;
      return this.refresh();
    }
    // What is on no screen is read when it is opened; an older stretch comes to the newest post by pages.
    this.after = to;
    if (this.live) this.loaded = this.live = false;
  }

  /** The link tells what happens after a position; without a place to go on at, nothing of before. */
  begin(at: string): void {
    this.joined = true;
    this.joining = false;
    if (this.after !== null) return;
    this.missed = at;
    if (this.live && compare(this.end, at) < 0) void this.refresh();
  }

  /** Everything up to a position was told. */
  reach(after: string): void {
    if (!this.behind) this.after = after;
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
    this.end = page.at;
    this.tryEnd();
  }

  /** Goes to a post by number; false when there is none. Whoever has gone on meanwhile is told nothing. */
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
    if (this.shut) return false;
    const turn = (this.turn += 1);
    const wasLive = this.live;
    // What is said meanwhile is held apart, and put after the page when that reaches the newest post.
    this.live = false;
    const page = await this.page(fields);
    if (turn !== this.turn) return true;
    if (!page) {
      if (wasLive) this.tryEnd();
      if (wasLive && !this.live) void this.refresh();
      return false;
    }
    this.show(page);
    this.tryEnd();
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

  /** Whether a post was never heard before: what is told twice is counted once. */
  hear(message: Message): boolean {
    if (compare(message.position, this.heard) <= 0) return false;
    this.heard = message.position;
    return true;
  }

  come(one: Present): void {
    this.people = [...this.people.filter(({ person }) => person.guid !== one.person.guid), one];
    this.count();
  }

  go(person: string): void {
    this.people = this.people.filter((one) => one.person.guid !== person);
    this.count();
  }

  /**
   * Takes in how many people the server counts. Where it twice counts more than are listed, they are not listed because the
   * room has become large; where it counts as many, it is large no more.
   */
  measure(count: number): void {
    const more = count > this.people.length;
    this.large = more && (this.large || this.hadMore);
    this.hadMore = more;
    this.card = { ...this.card, participants: count };
  }

  private count(): void {
    if (!this.large) this.card = { ...this.card, participants: this.people.length };
  }

  /** It is heard no more: when it is opened again, it is read anew. */
  part(): void {
    this.turn += 1;
    this.loading = false;
    this.joined = false;
    this.joining = false;
    this.live = false;
    this.loaded = false;
    this.apart = [];
  }

  /** What was seen after a position is forgotten. */
  reset(to: string): void {
    this.posts = forgetAfter(this.posts, to);
    this.apart = forgetAfter(this.apart, to);
  }

  private async readNewest(): Promise<void> {
    this.turn += 1;
    const page = await this.page({ limit: PAGE });
    if (!page) return;
    this.show({ ...page, next: page.at });
    this.line = this.unread > 0 ? this.read : null;
    this.tryEnd();
  }

  private show(page: Messages): void {
    this.posts = page.messages;
    this.prev = page.prev ?? null;
    this.whole = !this.prev;
    this.next = page.next;
    this.end = page.at;
    this.loaded = true;
  }

  /** Goes on live, when the stretch has come to where the link tells. */
  private tryEnd(): void {
    if (this.next !== this.end || compare(this.end, this.missed) < 0) return;
    this.live = true;
    const last = this.posts.at(-1);
    const later = this.apart.filter((post) => !last || compare(post.position, last.position) > 0);
    this.posts = merge(this.posts, later);
    this.apart = [];
    if (this.behind) this.after = this.end;
    this.behind = false;
  }

  private async page(fields: Place): Promise<Messages | null> {
    const turn = this.turn;
    this.loading = true;
    this.trouble = null;
    this.passing = false;
    try {
      const page = await ask<Messages>('GET', `/rooms/${this.guid}/messages${query(fields)}`);
      if (turn !== this.turn) return null;
      if (page.reset) this.reset(page.reset);
      return page;
    } catch (error) {
      if (turn !== this.turn) return null;
      this.refuse(error instanceof Problem ? error.code : '', error instanceof Error ? error.message : String(error));
      this.passing = error instanceof Problem && error.passing;
      return null;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }
}
