// Topic feeds: standing words over chosen rooms. Pure; where they are kept is `keep.ts`.
import type { Message } from '../api/client';

export interface Feed {
  id: string;
  name: string;
  words: string[];
  /** Whether every word must occur. */
  all: boolean;
  /** GUIDs of rooms; empty for all the reader is in. */
  rooms: string[];
  notify: boolean;
}

/** The words of a line: a phrase in quotation marks is one. */
export function wordsOf(line: string): string[] {
  const found = line.matchAll(/"([^"]+)"|(\S+)/g);
  return [...found].map((match) => (match[1] ?? match[2] ?? '').trim()).filter(Boolean);
}

/** Whether a post belongs to a feed. */
export function belongs(feed: Feed, post: Message): boolean {
  if (!post.text || feed.words.length === 0) return false;
  if (feed.rooms.length > 0 && !feed.rooms.includes(post.room)) return false;
  const text = post.text.toLocaleLowerCase();
  const has = (word: string) => text.includes(word.toLocaleLowerCase());
  return feed.all ? feed.words.every(has) : feed.words.some(has);
}
