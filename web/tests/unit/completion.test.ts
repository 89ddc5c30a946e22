// What Enter takes is whom one has chosen, whatever the list becomes meanwhile; a name that stands there whole is sent.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '../../src/api/client';
import { Completion } from '../../src/chat/completion.svelte';
import { Mentionable } from '../../src/chat/mentionable.svelte';
import { Room } from '../../src/chat/room.svelte';
import { Browser, card } from './browser';
import { ana, bob } from './post';

const person = (guid: string, displayName: string): Person => ({ guid, address: `sip:${guid}@example.com`, displayName });
const bobby = person('bobby', 'Bobby Tables');
const boris = person('boris', 'Boris Example');

/** Ana writes in a room where some people are; the server knows others, and says so when it is let. */
function writes(text: string, ...near: Person[]) {
  const room = new Room(card('lobby') as unknown as ConstructorParameters<typeof Room>[0]);
  for (const one of near) room.come({ person: one, rights: [] });
  const completion = new Completion(new Mentionable(room, () => ana.guid), { smile: 'S', smirk: 'K' });
  const read = (now: string) => {
    completion.read(now, now.length);
    completion.settle();
  };
  read(text);
  return {
    room,
    completion,
    read,
    step: (by: 1 | -1) => completion.step(by),
    names: () => completion.suggested.map((one) => one.shown),
    /** Whom Enter takes, after the page has drawn the list. */
    chosen: () => {
      completion.settle();
      return completion.chosen?.shown ?? null;
    },
  };
}

/** The server's answer comes. */
async function answered(...people: Person[]) {
  browser.reply('GET /rooms/lobby/mentionable', () => [200, { people }]);
  await vi.advanceTimersByTimeAsync(1_000);
}

let browser: Browser;
beforeEach(() => {
  vi.useFakeTimers();
  browser = new Browser();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the person that is chosen', () => {
  it('stays chosen when others come before', () => {
    const { room, step, chosen, names } = writes('@bo', bobby, boris);
    expect(chosen()).toBe('Bobby Tables');
    step(1);
    room.people = [{ person: bob, rights: [] }, ...room.people];
    expect([names(), chosen()]).toEqual([['Bob Example', 'Bobby Tables', 'Boris Example'], 'Boris Example']);
  });

  it('stays the one who was offered first, although nobody was chosen by hand', () => {
    const { room, chosen } = writes('@bo', bobby);
    expect(chosen()).toBe('Bobby Tables');
    room.people = [{ person: bob, rights: [] }, ...room.people];
    expect(chosen()).toBe('Bobby Tables');
  });

  it('is offered among the first however many come before', () => {
    const { room, chosen, names } = writes('@bo', boris);
    expect(chosen()).toBe('Boris Example');
    const many = Array.from({ length: 9 }, (_, index) => person(`bo${index}`, `Bo ${index}`));
    room.people = [...many.map((one) => ({ person: one, rights: [] })), ...room.people];
    expect([names().length, names().at(-1), chosen()]).toEqual([8, 'Boris Example', 'Boris Example']);
  });

  it('is another one when that person is gone, or the word goes on', () => {
    const { room, read, step, chosen } = writes('hello @bo', bobby, boris);
    step(-1);
    expect(chosen()).toBe('Boris Example');
    room.go('boris');
    expect(chosen(), 'what was taken is not swallowed').toBe('Bobby Tables');
    read('hello @bob');
    room.come({ person: boris, rights: [] });
    expect(chosen()).toBe('Bobby Tables');
  });
});

describe('a name that stands there whole', () => {
  it('is sent, whatever answer comes late', async () => {
    const { chosen, names } = writes('@bob', bob);
    expect([names(), chosen()]).toEqual([[], null]);
    await answered(bob, bobby);
    expect([names(), chosen()]).toEqual([['Bob Example', 'Bobby Tables'], null]);
  });

  it('is sent as well when only the answer knows it', async () => {
    const { chosen } = writes('@bob', bobby);
    expect(chosen()).toBe('Bobby Tables');
    await answered(bob);
    expect(chosen()).toBeNull();
  });

  it('is completed when somebody chooses to', async () => {
    const { step, chosen, completion } = writes('hello @bob', bob);
    await answered(bob, bobby);
    step(-1);
    expect(chosen()).toBe('Bobby Tables');
    expect(completion.put(completion.chosen!, 'hello @bob')).toEqual({ text: 'hello @Bobby Tables ', caret: 20 });
    step(1);
    expect(chosen()).toBe('Bob Example');
  });
});

describe('a word', () => {
  it('is completed after its sign, and not where somebody has said no', () => {
    const { read, names, completion } = writes('@bo', bob);
    expect(names()).toEqual(['Bob Example']);
    completion.dismiss();
    expect(names()).toEqual([]);
    read('@bo');
    expect(names(), 'the caret has not moved').toEqual([]);
    read('@bo ');
    expect(names()).toEqual([]);
    read('@bo');
    expect(names(), 'it is begun anew').toEqual(['Bob Example']);
    read('ten@bo');
    expect(names()).toEqual([]);
    read(':sm');
    expect(names()).toEqual(['S smile', 'K smirk']);
    read(':s');
    expect(names()).toEqual([]);
  });
});
