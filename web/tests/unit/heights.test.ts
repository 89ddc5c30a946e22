// A hundred thousand rows have their places in a few milliseconds.
import { describe, expect, it } from 'vitest';
import { anchorAt, Heights, rowAt } from '../../src/ui/heights';

describe('heights', () => {
  it('finds the row at a place, whatever was measured', () => {
    const heights = new Heights();
    const keys = Array.from({ length: 100_000 }, (_, index) => `p${index}`);
    for (let index = 0; index < keys.length; index += 7) heights.set(keys[index]!, 20 + (index % 90));
    const tops = heights.tops(keys);
    for (const index of [0, 1, 777, 50_000, 99_999]) {
      expect(rowAt(tops, tops[index]!)).toBe(index);
      expect(rowAt(tops, tops[index]! + heights.of(keys[index]!) - 1)).toBe(index);
    }
    expect(rowAt(tops, -50)).toBe(0);
    expect(rowAt(tops, 1e12)).toBe(99_999);
  });

  it('holds the view by a post, for the line of a day goes up when more of that day comes', () => {
    const heights = new Heights();
    const keys = ['d20000', 'p5', 'new', 'p6', 'd20001'];
    const tops = heights.tops(keys);
    expect(anchorAt(keys, tops, 0)).toBe(1);
    expect(anchorAt(keys, tops, tops[1]! + 1)).toBe(1);
    expect(anchorAt(keys, tops, tops[2]!)).toBe(3);
    expect(anchorAt(keys, tops, tops[4]!)).toBe(4);
    expect(anchorAt([], heights.tops([]), 0)).toBe(0);
  });

  it('says by how much a row grew', () => {
    const heights = new Heights();
    const guessed = heights.of('a');
    expect(heights.set('a', 100)).toBe(100 - guessed);
    expect(heights.set('a', 100)).toBe(0);
    expect(heights.set('a', 0)).toBe(0);
  });
});
