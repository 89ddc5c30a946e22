// A room on the page has no gap and nothing twice, whatever comes while its pages are on their way.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Card, Message, Messages } from '../../src/api/client';
import { Room } from '../../src/chat/room.svelte';
import { ana, bob, post } from './post';

const card = { guid: 'lobby', name: 'Lobby', rights: ['read'] } as unknown as Card;
const numbers = (room: Room) => room.posts.map((one) => one.post);

/** Answers requests when the test says so. */
function network() {
  const waiting: ((page: Messages) => void)[] = [];
  vi.stubGlobal('fetch', () => {
    return new Promise((done) => waiting.push((page) => done(new Response(JSON.stringify(page), { status: 200 }))));
  });
  return { answer: (page: Messages) => waiting.shift()?.(page), answerLast: (page: Messages) => waiting.pop()?.(page) };
}

function page(posts: Message[], fields: Partial<Messages> = {}): Messages {
  const last = posts.at(-1)?.position ?? '1.0';
  return { messages: posts, prev: null, next: last, at: last, reset: null, ...fields };
}

afterEach(() => vi.unstubAllGlobals());

describe('a room', () => {
  it('keeps what is said while its first page is on its way', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    room.take(post(3), true);
    room.take(post(4), true);
    answer(page([post(1), post(2), post(3)]));
    await opened;
    expect(numbers(room)).toEqual([1, 2, 3, 4]);
    room.take(post(5), true);
    room.take(post(5), true);
    expect(numbers(room)).toEqual([1, 2, 3, 4, 5]);
  });

  it('has a line before what is new whenever it is opened', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(1), post(2)]));
    await opened;
    expect(room.line).toBeNull();
    room.read = 2;
    room.take(post(3), true);
    room.unread = 1;
    await room.open();
    expect(room.line).toBe(2);
  });

  it('is read anew after more was missed than was told', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(1)]));
    await opened;
    const again = room.refresh();
    room.take(post(902), true);
    answer(page([post(900), post(901)], { prev: '1.900' }));
    await again;
    expect(numbers(room)).toEqual([900, 901, 902]);
    expect(room.whole).toBe(false);
  });

  it('goes to a post and to a day by one question, and loses nothing that is said meanwhile', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(9), post(10)], { prev: '1.9' }));
    await opened;
    const gone = room.goToPost(4);
    room.take(post(11), true);
    answer(page([post(3), post(4), post(5)], { prev: '1.3', at: '1.10' }));
    expect(await gone).toBe(true);
    expect([numbers(room), room.target, room.live]).toEqual([[3, 4, 5], 4, false]);
    room.take(post(12), true);
    const back = room.goToTime(new Date(post(10).time));
    room.take(post(13), true);
    answer(page([post(9), post(10), post(11)], { prev: '1.9' }));
    await back;
    expect([numbers(room), room.live]).toEqual([[9, 10, 11, 12, 13], true]);
  });

  it('says when a post is not there, and stays where it is when nothing can be asked', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(9), post(10)], { prev: '1.9' }));
    await opened;
    const gone = room.goToPost(77);
    answer(page([post(9), post(10)], { prev: '1.9' }));
    expect([await gone, room.live]).toEqual([false, true]);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    expect(await room.goToPost(1)).toBe(false);
    expect([numbers(room), room.live]).toEqual([[9, 10], true]);
  });

  it('holds what is said apart while an older stretch is on the screen', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(9), post(10)], { prev: '1.9' }));
    await opened;
    room.live = false;
    room.posts = [post(1), post(2)];
    room.take(post(11), true);
    room.take(post(1, { changed: '1.12', text: null }), false);
    expect(numbers(room)).toEqual([1, 2]);
    expect(room.posts[0]?.text).toBeNull();
    expect(room.newest).toBe(11);
  });

  it('puts a page nowhere that belongs to a stretch one has left', async () => {
    const { answer, answerLast } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(90), post(91)], { prev: '1.90' }));
    await opened;
    const older = room.older();
    const gone = room.goToPost(4);
    answerLast(page([post(3), post(4)], { prev: '1.3', at: '1.91' }));
    await gone;
    answer(page([post(88), post(89)], { prev: '1.88' }));
    await older;
    expect([numbers(room), room.live]).toEqual([[3, 4], false]);
  });

  it('loses nothing that is said between its first page and the beginning of the link', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    answer(page([post(1)]));
    await opened;
    room.begin('1.2');
    answer(page([post(1), post(2)]));
    await vi.waitFor(() => expect([numbers(room), room.live]).toEqual([[1, 2], true]));
  });

  it('reads its page again when the link began after it was read', async () => {
    const { answer } = network();
    const room = new Room(card);
    const opened = room.open();
    room.begin('1.2');
    answer(page([post(1)]));
    await vi.waitFor(() => expect(room.loaded).toBe(true));
    answer(page([post(1), post(2)]));
    await opened;
    expect([numbers(room), room.live]).toEqual([[1, 2], true]);
  });

  it('counts who comes and who goes, and in a large room everybody', () => {
    const room = new Room(card);
    room.come({ person: ana, rights: [] });
    room.come({ person: bob, rights: [] });
    room.come({ person: bob, rights: [] });
    expect([room.headcount, room.card.participants]).toEqual([2, 2]);
    room.go('ana');
    expect([room.headcount, room.card.participants]).toEqual([1, 1]);
    room.large = true;
    room.card = { ...room.card, participants: 700 };
    expect(room.headcount).toBe(700);
  });
});
