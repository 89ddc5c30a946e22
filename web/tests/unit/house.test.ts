// A whole house with a browser around it: links that break, servers that cannot answer, storages that are full, people who go.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../../src/api/client';
import { Browser, card, joined, page, Storage } from './browser';
import { ana, bob, post } from './post';

const said = (number: number, fields: Parameters<typeof post>[1] = {}) =>
  ({ event: 'message', message: post(number, { author: bob, ...fields }), after: `1.${number}` }) as LiveEvent;
/** Ana has never read the room: the server counts nothing of it. */
const joinedUnread = (at?: string) => ({ ...joined('lobby', at), read: null, unread: null, mentions: null }) as unknown as LiveEvent;
const far = { event: 'far', room: 'lobby', after: '1.900' } as LiveEvent;
const pages = (browser: Browser) => browser.asked.filter((one) => one.startsWith('GET /rooms/lobby/messages')).length;
const numbers = (room: { posts: { post: number }[] }) => room.posts.map((one) => one.post);

/** Ana signs in, and her link is open. */
async function enter(browser: Browser) {
  vi.resetModules();
  const { house } = await import('../../src/chat/house.svelte');
  await house.begin();
  browser.socket.greet();
  await passes(0);
  return house;
}

/** The room somebody has gone to. */
async function opened(house: Awaited<ReturnType<typeof enter>>, guid: string) {
  return (await house.entrance.open(guid))!;
}

const putOut = (room: string) => ({ event: 'parted', room, removed: true }) as LiveEvent;
const passes = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a link that comes back', () => {
  it('joins every room once, and what was missed is counted once', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell(joinedUnread(), said(3));
    browser.socket.lose();
    await passes(10_000);
    browser.socket.greet();
    await passes(0);
    expect(browser.asked.filter((one) => one === 'GET /followed')).toHaveLength(2);
    expect(browser.socket.joins).toEqual([['lobby', '1.3']]);
    const named = said(4, { text: 'hello @ana', mentions: [{ person: ana, name: 'ana' }] });
    browser.socket.tell(joinedUnread('1.4'), named, named);
    expect(house.rooms['lobby']).toMatchObject({ unread: 2, mentions: 1 });
  });

  it('joins again, after a while, what was refused without a name', async () => {
    const browser = new Browser();
    await enter(browser);
    browser.socket.tell({ event: 'refused', room: null, code: 'Unavailable', detail: 'wait' } as LiveEvent);
    expect(browser.socket.joins).toHaveLength(1);
    await passes(10_000);
    expect(browser.socket.joins).toHaveLength(2);
  });

  it('is in a room again that was left and entered before the server answered', async () => {
    const browser = new Browser();
    browser.reply('GET /followed', () => [200, { rooms: [] }]);
    browser.reply('GET /rooms/lobby', () => [200, { rows: [card('lobby')] }]);
    const house = await enter(browser);
    await house.entrance.open('lobby');
    browser.socket.tell(joined('lobby'));
    house.show(null);
    const room = await opened(house, 'lobby');
    browser.socket.tell({ event: 'parted', room: 'lobby', removed: false }, joined('lobby'), said(3));
    expect(browser.socket.said.map((command) => command.do)).toEqual(['join', 'part', 'join']);
    expect([room.joined, numbers(room)]).toEqual([true, [1, 2, 3]]);
  });
});

describe('a room for members', () => {
  const board = (...rights: string[]) => ({ ...card('board'), rights });
  const asksPosts = (browser: Browser) => browser.asked.some((one) => one.startsWith('GET /rooms/board/messages'));

  it('asks for nothing while one may not read it, and opens by itself when one is let in', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [board('see')] }]);
    browser.reply('GET /rooms/board/messages', () => [200, page(1)]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    expect([room.shut, room.trouble, asksPosts(browser)]).toEqual([true, null, false]);
    expect(browser.socket.joins.map(([guid]) => guid)).toEqual(['lobby']);
    browser.reply('GET /member-of', () => [200, { rooms: [board('see', 'join', 'read')] }]);
    browser.socket.tell({ event: 'lists' } as LiveEvent);
    await passes(1_000);
    expect([room.shut, numbers(room)]).toEqual([false, [1]]);
    expect(browser.socket.joins.map(([guid]) => guid)).toEqual(['lobby', 'board']);
  });

  it('tells who manages it, and is no member, to become one', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [{ ...board(), rights: undefined, members: [] }] }]);
    browser.reply('GET /managed', () => [200, { rooms: [board('see', 'manage')] }]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    expect([room.shut, room.can('manage'), asksPosts(browser)]).toEqual([true, true, false]);
    expect(room.why).toContain('You manage it');
  });

  it('says one thing to whoever is put out of it, and shows and counts nothing of it any more', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell(joined('lobby'));
    const room = await opened(house, 'lobby');
    Object.assign(room, { unread: 3, mentions: 1 });
    browser.reply('GET /rooms/lobby', () => [200, { rows: [{ ...card('lobby'), rights: ['see'] }] }]);
    browser.socket.tell(putOut('lobby'));
    expect([room.shut, room.trouble, numbers(room), room.people]).toEqual([true, null, [], []]);
    expect([room.unread, room.mentions]).toEqual([0, 0]);
    expect(room.why, 'as long as nobody knows why').toBe('You are no longer in lobby.');
    await passes(0);
    expect(room.why).toContain('a right was withdrawn');
    browser.socket.tell({ event: 'refused', room: 'lobby', code: 'ErrorPermission', detail: 'no' } as LiveEvent);
    expect(room.why, 'whatever is refused then').toContain('a right was withdrawn');
  });

  it('tells whoever is put out because it is disabled, or gone, that and nothing else', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell(joined('lobby'));
    const room = await opened(house, 'lobby');
    browser.reply('GET /rooms/lobby', () => [423, { code: 'NodeDisabled', detail: 'the room is disabled' }]);
    browser.socket.tell(putOut('lobby'));
    await passes(0);
    expect([room.shut, room.why]).toEqual([true, expect.stringContaining('This room is disabled')]);
    browser.reply('GET /rooms/lobby', () => [404, { code: 'NoSuchNode', detail: 'no' }]);
    browser.socket.tell(joined('lobby'), putOut('lobby'));
    await passes(0);
    expect(room.why).toBe('lobby was removed, or is no longer for you.');
  });

  it('is told to be disabled to its manager, too, and is opened when it is enabled', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [{ ...board(), rights: undefined, members: [] }] }]);
    browser.reply('GET /managed', () => [200, { rooms: [{ ...board('see', 'manage'), disabled: true }] }]);
    browser.reply('GET /rooms/board/messages', () => [200, page(1)]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    expect([room.shut, room.why, room.can('manage')]).toEqual([true, expect.stringContaining('This room is disabled'), true]);
    browser.reply('GET /managed', () => [200, { rooms: [board('see', 'join', 'read', 'manage')] }]);
    browser.socket.tell({ event: 'lists' } as LiveEvent);
    await passes(1_000);
    expect([room.shut, numbers(room)]).toEqual([false, [1]]);
  });

  it('is opened at the wanted post when it is opened to everybody, although no list names it', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [board('see')] }]);
    browser.reply('GET /rooms/board/messages', () => [503, { code: 'Unavailable', detail: 'busy' }]);
    const house = await enter(browser);
    const there = await house.entrance.openAt('board', 5);
    const room = house.rooms['board']!;
    expect([there?.found, room.shut]).toEqual([false, true]);
    browser.reply('GET /rooms/board', () => [200, { rows: [board('see', 'join', 'read')] }]);
    browser.socket.tell({ event: 'lists' } as LiveEvent);
    await passes(1_000);
    expect([room.shut, room.target, room.passing]).toEqual([false, null, true]);
    browser.reply('GET /rooms/board/messages', () => [200, page(4, 5, 6)]);
    await passes(5_000);
    expect([room.shut, room.target, numbers(room)]).toEqual([false, 5, [4, 5, 6]]);
    expect(browser.asked.at(-1)).toBe('GET /rooms/board/messages?post=5&limit=50');
    expect(browser.socket.joins.map(([guid]) => guid)).toEqual(['lobby', 'board']);
  });

  it('is asked about again while one looks at it, and no more when one has gone', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [board('see')] }]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    const asks = () => browser.asked.filter((one) => one === 'GET /rooms/board').length;
    const beats = async () => {
      await passes(19_000);
      browser.socket.tell({ event: 'beat', now: '' });
      await passes(1_000);
    };
    await beats();
    expect([asks(), room.shut]).toEqual([2, true]);
    house.show(null);
    await beats();
    expect(asks()).toBe(2);
  });

  it('is shut as well to an administrator, of whom only what readers are answered tells that he may not read it', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [{ ...card('board'), rights: undefined }] }]);
    browser.reply('GET /rooms/board/mentionable', () => [403, { code: 'ErrorPermission', detail: 'no' }]);
    browser.reply('GET /rooms/board/messages', () => [200, page(1)]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    browser.socket.tell({ event: 'lists' } as LiveEvent);
    await passes(1_000);
    expect([room.shut, room.trouble, asksPosts(browser)]).toEqual([true, null, false]);
    browser.reply('GET /rooms/board/mentionable', () => [200, { people: [] }]);
    house.show(null);
    await house.entrance.open('board');
    expect([room.shut, numbers(room)], 'whoever comes again is looked at again').toEqual([false, [1]]);
  });

  it('is shut when it was closed while its first page was on its way', async () => {
    const browser = new Browser();
    browser.reply('GET /rooms/board', () => [200, { rows: [board('see', 'join', 'read')] }]);
    browser.reply('GET /rooms/board/messages', () => [403, { code: 'ErrorPermission', detail: 'no' }]);
    const house = await enter(browser);
    const room = await opened(house, 'board');
    expect([room.shut, room.trouble, room.why]).toEqual([true, null, expect.stringContaining('Only members read this room')]);
  });
});

describe('somebody who goes on before the answer comes', () => {
  /** The card of a room comes when it is let. */
  function slow(browser: Browser, guid: string) {
    const waiting: (() => void)[] = [];
    browser.reply(`GET /rooms/${guid}`, () => new Promise((done) => waiting.push(() => done([200, { rows: [card(guid)] }]))));
    browser.reply(`GET /rooms/${guid}/messages`, () => [200, page(1, 2, 3)]);
    return async () => {
      for (const come of waiting.splice(0)) come();
      await passes(0);
    };
  }

  it('to another room stays there', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const boardComes = slow(browser, 'board');
    const board = house.entrance.open('board');
    await opened(house, 'lobby');
    await boardComes();
    expect([await board, house.current, house.rooms['lobby']!.shown]).toEqual([null, 'lobby', true]);
    expect(browser.socket.joins.map(([guid]) => guid)).toEqual(['lobby']);
  });

  it('to no room is in none', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const boardComes = slow(browser, 'board');
    const board = house.entrance.openAt('board', 2);
    house.show(null);
    await boardComes();
    expect([await board, house.current, house.rooms['board']]).toEqual([null, null, undefined]);
  });

  it('to a post of the same room is at that post', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const newestComes = slow(browser, 'board');
    const newest = house.entrance.open('board');
    await passes(0);
    const postComes = slow(browser, 'board');
    const at = house.entrance.openAt('board', 2);
    await postComes();
    await newestComes();
    expect([await newest, (await at)?.found, house.rooms['board']!.target]).toEqual([null, true, 2]);
    expect(browser.asked.filter((one) => one.startsWith('GET /rooms/board/messages'))).toEqual(['GET /rooms/board/messages?post=2&limit=50']);
  });

  it('back to the first room is in that one', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const boardComes = slow(browser, 'board');
    void house.entrance.open('board');
    await opened(house, 'lobby');
    const again = house.entrance.open('board');
    await boardComes();
    await again;
    expect([house.current, numbers(house.rooms['board']!)]).toEqual(['board', [1, 2, 3]]);
  });

  it('out of the house is in no room', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const boardComes = slow(browser, 'board');
    const board = house.entrance.open('board');
    await house.signOut(false);
    await house.begin();
    const another = house.entrance.open('board');
    await passes(0);
    await boardComes();
    await another;
    expect(await board, 'what was asked before is nothing to whoever comes after').toBeNull();
  });
});

describe('people in a room', () => {
  it('are one less on its card, too, when one leaves', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    const came = { event: 'came', person: bob, rooms: [{ room: 'lobby', rights: [] }] } as LiveEvent;
    browser.socket.tell({ ...joined('lobby'), people: [{ person: ana, rights: [] }] } as LiveEvent, came);
    expect(house.rooms['lobby']!.card.participants).toBe(2);
    browser.socket.tell({ event: 'left', person: 'bob', rooms: ['lobby'] });
    expect(house.rooms['lobby']!.card.participants).toBe(1);
  });
});

describe('a large room', () => {
  it('is counted again and again while it is on the screen, also when it becomes large or small', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell({ ...joined('lobby'), people: [{ person: ana, rights: [] }] } as LiveEvent);
    const room = await opened(house, 'lobby');
    const counts = async (participants: number) => {
      browser.reply('GET /rooms/lobby', () => [200, { rows: [{ ...card('lobby'), participants }] }]);
      await passes(19_000);
      browser.socket.tell({ event: 'beat', now: '' });
      await passes(1_000);
      return [room.large, room.headcount];
    };
    expect(await counts(700)).toEqual([false, 1]);
    expect(await counts(701)).toEqual([true, 701]);
    expect(await counts(650)).toEqual([true, 650]);
    expect(await counts(1)).toEqual([false, 1]);
    house.show(null);
    const asked = browser.asked.length;
    await counts(2);
    expect(browser.asked).toHaveLength(asked);
  });
});

describe('a room that cannot be read', () => {
  it('is read by itself when the server can answer, and the place to go on at stays until then', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell(joined('lobby'), { event: 'told', room: 'lobby', after: '1.2' });
    const room = await opened(house, 'lobby');
    browser.reply('GET /rooms/lobby/messages', () => [503, { code: 'Busy', detail: 'busy' }]);
    browser.socket.tell(far, said(901));
    await passes(0);
    expect([room.trouble, room.after]).toEqual(['busy', '1.2']);
    browser.reply('GET /rooms/lobby/messages', () => [200, page(899, 900, 901)]);
    await passes(10_000);
    expect([room.trouble, room.live, numbers(room), room.after]).toEqual([null, true, [899, 900, 901], '1.901']);
    browser.socket.tell(said(902));
    expect([numbers(room).at(-1), room.after]).toEqual([902, '1.902']);
  });

  it('is read when the link opens, although it was opened without a network', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.offline = true;
    browser.socket.lose();
    const room = await opened(house, 'lobby');
    expect([room.loaded, room.trouble]).toEqual([false, 'The server cannot be reached. Check the network and try again.']);
    browser.offline = false;
    await passes(1_000);
    browser.socket.greet();
    await passes(0);
    expect([room.live, room.trouble, numbers(room)]).toEqual([true, null, [1, 2]]);
  });

  it('is not read while nobody looks at it, but when somebody does', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.socket.tell(joined('lobby'));
    const room = await opened(house, 'lobby');
    house.show(null);
    const before = pages(browser);
    browser.socket.tell(far);
    await passes(10_000);
    expect([pages(browser), room.after]).toEqual([before, '1.900']);
    browser.reply('GET /rooms/lobby/messages', () => [200, page(900)]);
    await house.entrance.open('lobby');
    expect(numbers(room)).toEqual([900]);
  });
});

describe('somebody who writes', () => {
  it('keeps a draft on the page when the machine has no room for it', async () => {
    const browser = new Browser(new Storage(20));
    const house = await enter(browser);
    const draft = { text: 'half a sentence', title: '', alert: false, story: false };
    house.drafts.set('lobby', draft);
    expect(house.drafts.of('lobby')).toEqual(draft);
    const event = { preventDefault: vi.fn() };
    browser.dispatch('beforeunload', event);
    expect(event.preventDefault).toHaveBeenCalled();
    house.drafts.set('lobby', { ...draft, text: '' });
    expect([house.drafts.count, house.drafts.isFragile]).toEqual([0, false]);
  });

  it('never speaks in the name of whoever signs in after', async () => {
    const browser = new Browser();
    const house = await enter(browser);
    browser.offline = true;
    browser.socket.lose();
    expect(house.say(house.rooms['lobby']!, 'from Ana', false)).toBe(true);
    await passes(1_000);
    browser.offline = false;
    browser.reply('GET /session', () => [200, { person: bob, roles: [] }]);
    browser.dispatch('online', {});
    browser.socket.greet(bob);
    await passes(10_000);
    expect([house.person?.guid, house.waiting]).toEqual(['bob', []]);
    expect(browser.asked.filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(String(browser.storage['causerie.ana.outbox'])).toContain('from Ana');
  });
});

describe('somebody who goes', () => {
  const begun = { text: 'a secret', title: '', alert: false, story: false };

  /** Ana has a draft, a post that waits and a feed. */
  async function busy() {
    const browser = new Browser();
    browser.storage['causerie.ana.feeds'] = '[{"id":"f"}]';
    browser.storage['causerie.address'] = 'ana@example.com';
    browser.storage['causerie.bob.draft.lobby'] = '{"text":"of Bob"}';
    const house = await enter(browser);
    browser.reply('POST /rooms/lobby/messages', () => [503, {}]);
    house.drafts.set('lobby', begun);
    house.say(house.rooms['lobby']!, 'waits', false);
    await passes(0);
    return { browser, house };
  }

  it('is told what is lost, and leaves nothing on the machine', async () => {
    const { browser, house } = await busy();
    expect(house.leavings()).toEqual({ unsent: 2, feeds: 1 });
    await house.signOut(false);
    house.drafts.set('lobby', begun);
    await passes(10_000);
    expect(house.person).toBeNull();
    expect(Object.keys(browser.storage)).toEqual(['causerie.bob.draft.lobby']);
  });

  it('may leave what was chosen, but nothing that was written', async () => {
    const { browser, house } = await busy();
    await house.signOut(true);
    expect(Object.keys(browser.storage).sort()).toEqual(['causerie.ana.feeds', 'causerie.bob.draft.lobby']);
  });

  it('is still signed in, with everything, when the server did not hear of it', async () => {
    const { browser, house } = await busy();
    browser.offline = true;
    await expect(house.signOut(false)).rejects.toThrow('cannot be reached');
    expect([house.person?.guid, house.drafts.of('lobby').text]).toEqual(['ana', 'a secret']);
  });

  it('has everything again after a session that ended by itself', async () => {
    const { browser, house } = await busy();
    browser.socket.lose(4001);
    expect(house.person).toBeNull();
    await house.begin();
    expect([house.drafts.of('lobby').text, house.waiting.map((one) => one.text), house.person]).toEqual(['a secret', ['waits'], ana]);
  });

  it('is gone from the other tabs as well, which write nothing down any more', async () => {
    const { browser, house } = await busy();
    delete browser.storage['causerie.ana.draft.lobby'];
    browser.dispatch('storage', { key: 'causerie.signed-out', newValue: 'ana' });
    house.drafts.set('lobby', begun);
    expect(house.person).toBeNull();
    expect(browser.storage['causerie.ana.draft.lobby']).toBeUndefined();
  });
});
