// How high rows are, measured or guessed, and where each begins. Pure, so that a long stream can be tested without a screen.

const GUESS = 46;

/** The heights of rows by key. */
export class Heights {
  private measured = new Map<string, number>();

  of(key: string): number {
    return this.measured.get(key) ?? GUESS;
  }

  /** Notes a height; the difference to what was assumed. */
  set(key: string, height: number): number {
    const before = this.of(key);
    if (height <= 0) return 0;
    this.measured.set(key, height);
    return height - before;
  }

  /** Where each row begins, and at last where all end. */
  tops(keys: readonly string[]): Float64Array {
    const tops = new Float64Array(keys.length + 1);
    for (let index = 0; index < keys.length; index += 1) tops[index + 1] = tops[index]! + this.of(keys[index]!);
    return tops;
  }
}

/** The last row that begins at or before a place. */
export function rowAt(tops: Float64Array, y: number): number {
  let low = 0;
  let high = tops.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= y) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/**
 * The row that holds the view in place when others come before or between: the one at a place, or the first post after it. The line
 * of a day moves up when more of that day comes, and would take the view along.
 */
export function anchorAt(keys: readonly string[], tops: Float64Array, y: number): number {
  const at = rowAt(tops, y);
  for (let index = at; index < keys.length; index += 1) if (keys[index]!.startsWith('p')) return index;
  return at;
}
