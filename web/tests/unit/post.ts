// Posts for tests: somebody says something at a place.
import type { Message, Person } from '../../src/api/client';

export const ana: Person = { guid: 'ana', address: 'sip:ana@example.com', displayName: 'Ana Example' };
export const bob: Person = { guid: 'bob', address: 'sip:bob@example.com', displayName: 'Bob Example' };

export function post(number: number, fields: Partial<Message> = {}): Message {
  return {
    room: 'lobby',
    post: number,
    position: `1.${number}`,
    time: `2026-11-24T10:${String(number % 60).padStart(2, '0')}:00.0000000Z`,
    author: ana,
    alert: false,
    story: false,
    title: null,
    changed: null,
    text: `post ${number}`,
    rtf: null,
    mentions: [],
    ...fields,
  };
}
