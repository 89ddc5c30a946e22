// Whom one can mention: known at once who is near, asked for who is not, and no answer of before counts.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Mentionable } from '../../src/chat/mentionable.svelte';
import { Room } from '../../src/chat/room.svelte';
import { Browser, card } from './browser';
import { ana, bob, post } from './post';

const carol = { guid: 'carol', address: 'sip:carol@example.com', displayName: 'Carol Bott' };
const passes = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const asked = (browser: Browser) => browser.asked.map((one) => new URLSearchParams(one.split('?')[1]).get('q'));

function lobby(): Mentionable {
  const room = new Room(card('lobby') as unknown as ConstructorParameters<typeof Room>[0]);
  room.posts = [post(1), post(2, { author: bob }), post(3, { author: bob })];
  return new Mentionable(room, () => ana.guid);
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('are those who are near at once, then whoever else the server names, each once', async () => {
  const browser = new Browser();
  browser.reply('GET /rooms/lobby/mentionable', () => [200, { people: [bob, carol] }]);
  const mentionable = lobby();
  mentionable.look('bo');
  expect(mentionable.of('bo')).toEqual([bob]);
  await passes(1_000);
  expect(mentionable.of('bo')).toEqual([bob, carol]);
  expect(mentionable.of('an'), 'nobody mentions oneself').toEqual([]);
});

it('are asked for once the letters have come, and an answer to fewer letters does not count when there are others', async () => {
  const browser = new Browser();
  let late = () => {};
  browser.reply('GET /rooms/lobby/mentionable', () => new Promise((done) => (late = () => done([200, { people: [carol] }]))));
  const mentionable = lobby();
  for (const word of ['c', 'ca', 'car']) mentionable.look(word);
  await passes(1_000);
  expect(asked(browser), 'one question').toEqual(['car']);
  const early = late;
  mentionable.look('x');
  await passes(1_000);
  early();
  await passes(0);
  expect(mentionable.of('car')).toEqual([]);
  late();
  await passes(0);
  expect(mentionable.of('x')).toEqual([carol]);
  expect(mentionable.of('xy'), 'what does not fit is not shown while the next answer is on its way').toEqual([]);
});

it('are those who are near when the server does not answer', async () => {
  const browser = new Browser();
  browser.offline = true;
  const mentionable = lobby();
  mentionable.look('bob');
  await passes(1_000);
  expect(mentionable.of('bob')).toEqual([bob]);
});
