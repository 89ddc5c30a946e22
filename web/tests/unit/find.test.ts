// A place in a hundred thousand posts is found with a few questions.
import { describe, expect, it } from 'vitest';
import { findPlace } from '../../src/chat/find';
import { post } from './post';

/** A room whose posts stand at every third number of its journal. */
function room(count: number) {
  let asked = 0;
  const before = (number: number) => {
    asked += 1;
    const last = Math.min(count, Math.floor((number - 1) / 3));
    return Promise.resolve(last < 1 ? null : post(last, { position: `1.${last * 3}` }));
  };
  return { before, asked: () => asked, head: count * 3 };
}

describe('findPlace', () => {
  it('finds the place before any post', async () => {
    for (const wanted of [1, 2, 500, 99_999, 100_000]) {
      const { before, asked, head } = room(100_000);
      const place = await findPlace(head, (one) => one.post < wanted, before);
      const next = await room(100_000).before(place + 1);
      expect(next?.post ?? 0).toBe(wanted - 1);
      expect(asked()).toBeLessThan(25);
    }
  });

  it('ends in an empty room and beyond the last post', async () => {
    expect(await findPlace(0, () => true, room(0).before)).toBe(0);
    const { before, head } = room(10);
    expect(await findPlace(head, () => true, before)).toBe(head);
  });
});
