// Posts come from pages and from the link, in any order and more than once; they are shown once and in one order.
import { describe, expect, it } from 'vitest';
import { compare, forgetAfter, merge, rows } from '../../src/chat/stream';
import { bob, post } from './post';

const numbers = (posts: readonly { post: number }[]) => posts.map((one) => one.post);

describe('merge', () => {
  it('keeps one order whatever comes first', () => {
    const page = [3, 4, 5].map((number) => post(number));
    expect(numbers(merge(page, [post(2), post(1)]))).toEqual([1, 2, 3, 4, 5]);
    expect(numbers(merge(page, [post(6)]))).toEqual([3, 4, 5, 6]);
    expect(numbers(merge(page, [post(5), post(4)]))).toEqual([3, 4, 5]);
  });

  it('never puts an older text in the place of a newer one', () => {
    const replaced = post(3, { changed: '1.9', text: 'replaced' });
    const removed = post(3, { changed: '1.12', text: null });
    expect(merge([removed], [replaced])[0]?.text).toBeNull();
    expect(merge([replaced], [removed])[0]?.text).toBeNull();
    expect(merge([replaced], [post(3)])[0]?.text).toBe('replaced');
  });

  it('forgets a past that was lost', () => {
    expect(numbers(forgetAfter([post(1), post(2), post(3)], '1.2'))).toEqual([1, 2]);
  });
});

describe('compare', () => {
  it('goes by era before it goes by number', () => {
    expect(compare('2.1', '1.1000000')).toBeGreaterThan(0);
    expect(compare('1.9', '1.10')).toBeLessThan(0);
    expect(compare('1.5', '1.5')).toBe(0);
  });
});

describe('rows', () => {
  it('puts days between posts and one line before the first unread one', () => {
    const posts = [post(1), post(2), post(3, { author: bob }), post(4, { time: '2026-11-25T09:00:00Z' })];
    const kinds = rows(posts, 2, 'carol').map((row) => row.kind);
    expect(kinds).toEqual(['day', 'post', 'post', 'new', 'post', 'day', 'post']);
    expect(rows(posts, null, 'carol').some((row) => row.kind === 'new')).toBe(false);
  });

  it('puts that line before what others said, never before what one said oneself', () => {
    const posts = [post(1, { author: bob }), post(2), post(3), post(4, { author: bob })];
    const shown = rows(posts, 1, 'ana').filter((row) => row.kind !== 'day').map((row) => row.post?.post ?? row.kind);
    expect(shown).toEqual([1, 2, 3, 'new', 4]);
    expect(rows(posts.slice(0, 3), 1, 'ana').some((row) => row.kind === 'new')).toBe(false);
  });

  it('lets a post follow only its own author, on the same day, soon', () => {
    const later = post(30);
    const all = rows([post(1), post(2), post(3, { author: bob }), later], null, 'carol').filter((row) => row.kind === 'post');
    expect(all.map((row) => row.follows)).toEqual([false, true, false, false]);
  });

  it('gives every row a key of its own', () => {
    const keys = rows(Array.from({ length: 500 }, (_, index) => post(index + 1)), 250, 'carol').map((row) => row.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
