// The posts of a room as they are shown: put together from pages and live events, each once, in the order of their numbers.
// Pure: asks nobody and draws nothing.
import type { Message } from '../api/client';

/** Puts posts among others. Whatever comes later of the same post takes its place, unless it is older than what is there. */
export function merge(posts: readonly Message[], more: readonly Message[]): Message[] {
  if (more.length === 0) return posts as Message[];
  const last = posts.at(-1);
  // The usual case: the next post.
  if (more.length === 1 && more[0] && (!last || more[0].post > last.post)) return [...posts, more[0]];
  const byNumber = new Map(posts.map((post) => [post.post, post]));
  for (const one of more) {
    const old = byNumber.get(one.post);
    if (!old || !isOlder(one, old)) byNumber.set(one.post, one);
  }
  return [...byNumber.values()].sort((a, b) => a.post - b.post);
}

/** Takes posts after a position away: they belong to a past that was lost. */
export function forgetAfter(posts: readonly Message[], to: string): Message[] {
  return posts.filter((post) => compare(post.position, to) <= 0);
}

/** Whether one state of a post was before another. */
function isOlder(one: Message, other: Message): boolean {
  if (!other.changed) return false;
  return !one.changed || compare(one.changed, other.changed) < 0;
}

/** Compares positions: by era, then by number. */
export function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((place) => place.split('.').map(Number));
  return (a?.[0] ?? 0) - (b?.[0] ?? 0) || (a?.[1] ?? 0) - (b?.[1] ?? 0);
}

/** Where a number of a room's journal is. */
export function place(era: string, number: number): string {
  return `${era.split('.')[0]}.${number}`;
}

export interface Row {
  key: string;
  kind: 'day' | 'post' | 'new';
  post?: Message;
  /** Whether it goes on what the same person said just before. */
  follows?: boolean;
  day?: string;
}

const FOLLOWS_MS = 5 * 60_000;

/** The rows of a stream: posts, the days between them, and the line before the first unread one of somebody else. */
export function rows(posts: readonly Message[], read: number | null, self: string | undefined): Row[] {
  const all: Row[] = [];
  let before: Message | undefined;
  let lined = read === null;
  for (const post of posts) {
    const day = dayOf(post.time);
    const newDay = !before || dayOf(before.time) !== day;
    if (newDay) all.push({ key: `d${day}`, kind: 'day', day });
    const line = !lined && read !== null && post.post > read && post.author.guid !== self;
    if (line) {
      all.push({ key: 'new', kind: 'new' });
      lined = true;
    }
    const follows =
      !newDay &&
      !line &&
      before?.author.guid === post.author.guid &&
      !post.story &&
      !before.story &&
      Date.parse(post.time) - Date.parse(before.time) < FOLLOWS_MS;
    all.push({ key: `p${post.post}`, kind: 'post', post, follows });
    before = post;
  }
  return all;
}

/** The day of a moment where the reader is. */
export function dayOf(time: string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
