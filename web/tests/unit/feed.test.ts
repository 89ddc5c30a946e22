// Standing words: what belongs to a feed, and what does not.
import { describe, expect, it } from 'vitest';
import { belongs, wordsOf, type Feed } from '../../src/chat/feed';
import { post } from './post';

const feed: Feed = { id: 'f', name: 'pumps', words: ['pump', 'seal test'], all: false, rooms: [], notify: false };

describe('feeds', () => {
  it('reads words and phrases', () => {
    expect(wordsOf(' pump "seal test"  bar ')).toEqual(['pump', 'seal test', 'bar']);
    expect(wordsOf('""')).toEqual(['""']);
  });

  it('takes any word or every word, without regard to case, in the chosen rooms', () => {
    expect(belongs(feed, post(1, { text: 'The PUMP runs' }))).toBe(true);
    expect(belongs({ ...feed, all: true }, post(1, { text: 'The pump runs' }))).toBe(false);
    expect(belongs({ ...feed, all: true }, post(1, { text: 'pump: seal test passed' }))).toBe(true);
    expect(belongs({ ...feed, rooms: ['vault'] }, post(1, { text: 'pump' }))).toBe(false);
    expect(belongs(feed, post(1, { text: null }))).toBe(false);
    expect(belongs({ ...feed, words: [] }, post(1))).toBe(false);
  });
});
