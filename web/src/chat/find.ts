// Finding a place in a long room: by the number of a post or by a time, with a few small questions instead of reading it all.
import type { Message } from '../api/client';

/** The newest post before a number of the journal; null when there is none. */
export type Before = (number: number) => Promise<Message | null>;

/** The number after which the first post lies that is wanted or comes after it; both grow together. */
export async function findPlace(head: number, isBefore: (post: Message) => boolean, before: Before): Promise<number> {
  let low = 0;
  let high = head + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const post = await before(middle + 1);
    if (!post) {
      low = middle;
    } else if (isBefore(post)) {
      low = middle;
    } else {
      high = Math.min(middle, Number(post.position.split('.')[1]));
    }
  }
  return low;
}
